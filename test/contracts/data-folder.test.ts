import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../lib/adapters/embedded/data-folder.ts';
import { asDataFolderError } from '../../lib/adapters/embedded/data-folder-error.ts';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { makeFolder } from './embedded-folder.ts';
import { KEY, read, started } from './instance-fixture.ts';

const CHILD = fileURLToPath(new URL('./data-folder-child.ts', import.meta.url));
/** `nobody` on every Unix that matters here. */
const NOBODY = '65534';

let folder: ReturnType<typeof makeFolder>;
let children: ChildProcess[];

beforeEach(() => {
  folder = makeFolder();
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  folder.remove();
});

const startChild = (
  ...args: string[]
): { child: ChildProcess; lines: () => string[]; until: (count: number) => Promise<void> } => {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let said = '';
  const lines = (): string[] => said.split('\n').slice(0, -1);
  const until = (count: number) =>
    new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (lines().length >= count) resolve();
      };
      child.stdout?.on('data', look);
      child.once('close', () => (lines().length >= count ? resolve() : reject(new Error(`The child ended: ${said}`))));
      look();
    });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { child, lines, until };
};

const kill = async (child: ChildProcess): Promise<void> => {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
};

describe('a data folder', () => {
  it('is made for its owner alone, and can be had again when it was released', () => {
    const path = join(folder.path, 'deep', 'data');
    for (let round = 0; round < 2; round += 1) {
      const data = openDataFolder(path);
      expect(data.path).toBe(path);
      expect(data.file('tenon.db')).toBe(join(path, 'tenon.db'));
      expect(statSync(path).mode & 0o777).toBe(0o700);
      data.release();
    }
  });

  it('is refused to a second opener, in this process and in another one', async () => {
    const data = openDataFolder(folder.path);
    expect(() => openDataFolder(folder.path)).toThrow(
      expect.objectContaining({ code: 'data.locked', message: expect.stringContaining('Stop that one first') }),
    );
    const other = startChild('try', folder.path);
    await other.until(1);
    expect(other.lines()).toEqual(['data.locked']);
    data.release();
    const next = startChild('try', folder.path);
    await next.until(1);
    expect(next.lines()).toEqual(['opened']);
  });

  it('keeps everything that was acknowledged before a SIGKILL, and its lock goes with the process', async () => {
    const writer = startChild('write', folder.path);
    await writer.until(1);
    expect(() => openDataFolder(folder.path)).toThrow(expect.objectContaining({ code: 'data.locked' }));
    await writer.until(400);
    await kill(writer.child);

    const data = openDataFolder(folder.path);
    const database = new SqliteDatabase(data.file('tenon.db'));
    const store = new SqliteInstanceStore(database, { clock: { now: () => Date.now() } });
    const acknowledged = writer.lines().slice(1);
    expect(acknowledged.length).toBeGreaterThanOrEqual(399);
    for (const id of acknowledged) {
      const key = { ...KEY, id };
      const summary = await read(store, key);
      expect(summary).toMatchObject({ status: 'complete', position: 1 });
      expect(await store.readJournal({ key, incarnation: 'life-1' })).toEqual([started(summary.createdAt)]);
    }
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
    data.release();
  });

  it('that cannot be written to is refused with the advice to change that', async (context) => {
    // Root may write anywhere: as root the opener is a process that has become `nobody`.
    const isRoot = process.getuid?.() === 0;
    if (process.getuid === undefined) context.skip('this system has no Unix permissions');
    const path = join(folder.path, 'data');
    mkdirSync(path);
    chmodSync(folder.path, 0o755);
    chmodSync(path, 0o555);
    for (const target of [path, join(path, 'below')]) {
      const opener = startChild('try', target, ...(isRoot ? [NOBODY] : []));
      await opener.until(1);
      expect(opener.lines()).toEqual(['data.read_only']);
    }
    expect(existsSync(join(path, 'tenon.db'))).toBe(false);
    chmodSync(path, 0o755);
  });

  it('whose database alone cannot be written to is refused too', async (context) => {
    const isRoot = process.getuid?.() === 0;
    if (process.getuid === undefined) context.skip('this system has no Unix permissions');
    const path = join(folder.path, 'data');
    mkdirSync(path);
    new SqliteDatabase(join(path, 'tenon.db')).close();
    chmodSync(folder.path, 0o755);
    chmodSync(path, 0o777);
    chmodSync(join(path, 'tenon.db'), 0o444);
    const opener = startChild('try', path, ...(isRoot ? [NOBODY] : []));
    await opener.until(1);
    expect(opener.lines()).toEqual(['data.read_only']);
  });

  it('whose path is a file is refused as no folder', () => {
    const path = join(folder.path, 'file');
    writeFileSync(path, '');
    for (const target of [path, join(path, 'below')]) {
      expect(() => openDataFolder(target)).toThrow(expect.objectContaining({ code: 'data.not_a_folder' }));
    }
  });

  it('on a full disk says so wherever the system says it', async (context) => {
    const full = asDataFolderError(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
    expect(full).toMatchObject({
      name: 'DataFolderError',
      code: 'data.full',
      message: expect.stringContaining('Make room'),
    });
    // The kernel's own full device shows that a real write error arrives as this code.
    if (!existsSync('/dev/full')) context.skip('this system has no /dev/full');
    try {
      writeFileSync('/dev/full', 'x');
      expect.unreachable();
    } catch (error) {
      expect(asDataFolderError(error)).toMatchObject({ code: 'data.full' });
    }
  });

  it('keeps blobs for their owner alone and leaves no half-written one aside', async () => {
    const blobs = new FileBlobStore(join(folder.path, 'blobs'));
    await blobs.put('acme/values/a', new Uint8Array(10));
    expect(readdirSync(join(folder.path, 'blobs', 'aside'))).toEqual([]);
    expect(statSync(join(folder.path, 'blobs', 'named', 'acme', 'values', 'a=')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, 'blobs', 'named', 'acme')).mode & 0o777).toBe(0o700);
  });

  it('an error that has nothing to do with it comes back as it is', () => {
    const error = new Error('something else');
    expect(asDataFolderError(error)).toBe(error);
  });
});

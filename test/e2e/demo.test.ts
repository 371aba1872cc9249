import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';

const ENTRY = resolve(import.meta.dirname, '../../bin/demo.ts');

let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());

const start = (...args: string[]) => {
  const child: ChildProcess = spawn(process.execPath, [ENTRY, ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, TMPDIR: folder.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  let look = (): void => undefined;
  child.stdout?.on('data', (chunk: Buffer) => {
    said.out += chunk.toString('utf8');
    look();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.err += chunk.toString('utf8');
  });
  return {
    child,
    said,
    ended: once(child, 'close').then(([code]) => code as number),
    says: (text: string) =>
      new Promise<void>((done) => {
        look = () => {
          if (said.out.includes(text)) done();
        };
        look();
      }),
  };
};

/** `npm run test:demo`: the whole of it takes a third of a minute, however fast it is told. */
const IS_WHOLE = process.env.TOUR === '1';

it('the tour shows an upload, a wait, an approval, a kill and a noisy neighbour, and leaves nothing behind', async (context) => {
  if (!IS_WHOLE) context.skip('takes a third of a minute: npm run test:demo');
  const { said, ended } = start('--fast');
  const code = await ended;
  expect({ code, err: said.err }).toEqual({ code: 0, err: '' });
  const acts = said.out.split(/\n(?=\d\. )/).slice(1);
  expect(acts).toHaveLength(5);
  const [upload, run, approval, crash, neighbour] = acts;
  expect(upload).toMatch(/order\.ts \(1\.\d kB\)(.|\n)*active after .*: version [0-9a-f]{10} with Greeting and Order/);
  expect(run).toContain('"reserve" asked the outside world once');
  expect(run).toContain('waits for the event "approved"');
  expect(approval).toContain('"charge" is done and recorded, and "pack" is in the middle');
  expect(crash).toMatch(/SIGKILL to process \d+(.|\n)*Started again in .*order-1 is complete/);
  expect(crash).toContain('"a lamp shipped, approved by Grace"');
  expect(crash).toContain('reserve once, charge once, pack twice, ship once');
  expect(neighbour).toMatch(/acme alone: 20 instances .* in the middle and .* at most each/);
  expect(neighbour).toMatch(/acme beside them: .* in the middle and .* at most each, all 20 complete/);
  expect(neighbour).toContain('more CPU time than the limit');
  expect(said.out.trimEnd()).toMatch(/the server is stopped and its folder removed.*$/);
  expect(readdirSync(folder.path)).toEqual([]);
}, 90_000);

it('Ctrl-C in the middle ends it with 0, and its server with it', async () => {
  const { child, said, says, ended } = start();
  await says('1. A customer uploads a workflow');
  const [, url = ''] = /up at (http:\S+)/.exec(said.out) ?? [];
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(said.err).toBe('');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  expect(readdirSync(folder.path)).toEqual([]);
}, 60_000);

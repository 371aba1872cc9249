import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readUploadSource } from '../../lib/cli/upload-source.ts';
import { tenon } from './command-line.ts';
import { RecordingServer } from './recording-server.ts';

let cwd: string;
let server: RecordingServer | undefined;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tenon-deploy-'));
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(cwd, { recursive: true, force: true });
});

const deploying = async (args: readonly string[], bundle: object) => {
  const made = new RecordingServer({
    'POST /v1/tenants/acme/bundles': {
      status: 201,
      json: { bundle: { id: 'b' }, upload: { url: '/upload/x', headers: { 'x-signed': 'yes' } } },
    },
    'PUT /upload/x': { status: 200 },
    'GET /v1/tenants/acme/bundles/b': [{ json: { id: 'b', status: 'validating' } }, { json: { id: 'b', ...bundle } }],
  });
  server = made;
  const url = await made.listen();
  const outcome = await tenon(['deploy', ...args, '--url', url, '--key', 'k', '--tenant', 'acme'], { cwd });
  return { ...outcome, requests: made.requests };
};

const READY = {
  status: 'ready',
  version: '0123456789abcdef',
  workflows: [{ name: 'Hello' }],
  hasFetch: true,
  problems: [],
};

describe('deploy', () => {
  test('declares size and digest, uploads without the key, and waits for the verdict', async () => {
    writeFileSync(join(cwd, 'hello.ts'), 'export class Hello {}');
    const { code, out, requests } = await deploying(['hello.ts'], READY);
    expect(code).toBe(0);
    const sha256 = createHash('sha256').update('export class Hello {}').digest('hex');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      size: 21,
      sha256,
      contentType: 'text/typescript',
      activate: true,
    });
    expect(requests[1]).toMatchObject({
      method: 'PUT',
      url: '/upload/x',
      key: undefined,
      body: 'export class Hello {}',
    });
    expect(requests[1]?.headers['x-signed']).toBe('yes');
    expect(requests.slice(2).map(({ url }) => url)).toEqual([
      '/v1/tenants/acme/bundles/b?wait=20',
      '/v1/tenants/acme/bundles/b?wait=20',
    ]);
    expect(out).toBe(
      'Uploaded hello.ts, 21 bytes.\nVersion 0123456789 is active: Hello, fetch\nNext: tenon trigger Hello',
    );
  });

  test('--no-activate makes the version without giving it to new instances', async () => {
    writeFileSync(join(cwd, 'hello.js'), 'x');
    const { out, requests } = await deploying(['hello.js', '--no-activate'], READY);
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ activate: false, contentType: 'text/javascript' });
    expect(out).toContain('is ready, not active');
    expect(out).toContain('Next: tenon versions activate 0123456789abcdef');
  });

  test('shows a problem at its place in the file, with the line and a caret, and exits with 1', async () => {
    writeFileSync(join(cwd, 'broken.ts'), 'const a = 1;\n\tconst b = = 2;\n');
    const problems = [{ code: 'syntax', message: 'Unexpected "="', file: 'index.ts', line: 2, column: 11 }];
    const { code, out, err } = await deploying(['broken.ts'], { status: 'rejected', problems });
    expect(code).toBe(1);
    expect(out).toBe('broken.ts was rejected: 1 problem. Nothing changed.');
    expect(err).toBe('\nbroken.ts:2:12 Unexpected "="\n  \tconst b = = 2;\n  \t          ^');
  });

  test('a problem without a place is told all the same', async () => {
    writeFileSync(join(cwd, 'empty.ts'), '');
    const { err } = await deploying(['empty.ts'], {
      status: 'rejected',
      problems: [{ code: 'no_workflow', message: 'No workflow' }],
    });
    expect(err).toBe('\nempty.ts No workflow');
  });
});

describe('what is uploaded', () => {
  const put = (name: string, text: string) => {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  };

  test('a folder becomes a zip of its modules, without hidden files and installed packages', () => {
    put('app/index.ts', 'a');
    put('app/lib/b.ts', 'b');
    put('app/node_modules/x/index.js', 'no');
    put('app/.git/config.json', 'no');
    put('app/notes.md', 'no');
    const source = readUploadSource('app', join(cwd, 'app'));
    expect(source.contentType).toBe('application/zip');
    expect(source.title).toBe('app (2 files)');
    expect(source.locate('lib/b.ts')).toEqual({ path: join('app', 'lib/b.ts'), text: 'b' });
    expect(source.locate('node_modules/x/index.js')).toBeUndefined();
  });

  test('the same folder gives the same bytes', () => {
    put('app/index.ts', 'a');
    const read = () => Buffer.from(readUploadSource('app', join(cwd, 'app')).bytes).toString('hex');
    expect(read()).toBe(read());
  });

  test('a folder without index.ts or index.js is refused', () => {
    put('app/main.ts', 'a');
    expect(() => readUploadSource('app', join(cwd, 'app'))).toThrow('index.ts');
  });

  test('a file of another kind is refused', () => {
    put('notes.md', 'a');
    expect(() => readUploadSource('notes.md', join(cwd, 'notes.md'))).toThrow('neither TypeScript');
  });
});

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { TenonProcess } from '../e2e/tenon-process.ts';
import { tenon } from './command-line.ts';

const source = (word: string): string => `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class W extends WorkflowEntrypoint {
  async run(event, step) {
    console.log('${word}');
    await step.waitForEvent('go', { type: 'go' });
    console.log('${word} again');
  }
}`;

const folder = makeFolder();
const save = (text: string): void => writeFileSync(join(folder.path, 'flow.ts'), text);
let server: TenonProcess;
let url = '';

beforeAll(async () => {
  save(source('one'));
  server = new TenonProcess(['dev', '--port', '0', '--watch', 'flow.ts'], { cwd: folder.path });
  url = await server.listening();
}, 30_000);
afterAll(async () => {
  await server.stop('SIGKILL');
  folder.remove();
});

const dev = (...args: string[]) => tenon([...args, '--url', url, '--tenant', 'dev'], { cwd: folder.path });

describe('tenon dev --watch', () => {
  it('deploys the file, to a tenant that is there, and follows what runs of it', async () => {
    await server.printed(/^tenant dev$/m);
    await server.printed(/^Version [0-9a-f]{10} is active: W$/m);
    await dev('trigger', 'W', '--id', 'first');
    await server.printed(/W first {2}log {4}one$/m);
  });

  it('shows a mistake where it stands, and deploys again once it is mended', async () => {
    save('const a = 1;\nconst b = = 2;\n');
    await server.complained(/flow\.ts:2:11 .*\n {2}const b = = 2;\n {12}\^/);
    save(source('two'));
    await server.printed(/is active: W(.|\n)*is active: W/);
    await dev('trigger', 'W', '--id', 'second');
    await server.printed(/W second {2}log {4}two$/m);
  });

  it('a save that changes nothing deploys nothing, and a file that is gone for a moment is waited for', async () => {
    rmSync(join(folder.path, 'flow.ts'));
    await server.complained(/error: there is no file or folder flow\.ts/);
    save(source('three'));
    await server.printed(/(is active: W(.|\n)*){3}/);
    save(source('three'));
    save(source('four'));
    await server.printed(/(is active: W(.|\n)*){4}/);
    expect(server.out.match(/is active: W/g)).toHaveLength(4);
  });

  it('ends with 0 at SIGTERM', async () => {
    expect(await server.stop('SIGTERM')).toBe(0);
  });
});

describe('tenon dev --watch with --url', () => {
  it('starts no server, and with --json says by lines of JSON what it does', async () => {
    const other = new TenonProcess(['dev', '--port', '0', '--json', '--no-demo'], { cwd: folder.path });
    const [line] = await other.printed(/^\{"kind":"listening".*\}$/m);
    const to = ['--url', (JSON.parse(line) as { readonly url: string }).url, '--tenant', 'dev'];
    const watching = new TenonProcess(['dev', '--watch', 'flow.ts', '--json', ...to], { cwd: folder.path });
    const [bundle] = await watching.printed(/^\{"kind":"bundle".*\}$/m);
    expect(JSON.parse(bundle)).toMatchObject({ status: 'ready', workflows: [{ name: 'W' }] });
    expect(watching.out).not.toContain('listening');
    expect(await watching.stop('SIGTERM')).toBe(0);
    expect(await other.stop('SIGTERM')).toBe(0);
  });

  it('a file that is not there is refused before anything is started', async () => {
    const { code, err } = await tenon(['dev', '--watch', 'missing.ts'], { cwd: folder.path });
    expect({ code, err }).toEqual({ code: 2, err: 'error: there is no file or folder missing.ts' });
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';

it('tenon is a command by itself, from wherever it is linked, and hands its exit code on', () => {
  const folder = makeFolder();
  const tenon = join(folder.path, 'tenon');
  symlinkSync(resolve(import.meta.dirname, '../../bin/tenon.js'), tenon);
  const run = (...args: string[]) => spawnSync(tenon, args, { encoding: 'utf8', cwd: folder.path });
  expect(run('--help').stdout).toContain('Usage: tenon');
  const { status, stderr } = run('logs');
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'error: no tenant is named: write --tenant <id>, or set TENON_TENANT\n',
  });
  folder.remove();
});

it('ends without a word where nobody reads on, as with head', async () => {
  const entry = resolve(import.meta.dirname, '../../bin/tenon.ts');
  const child = spawn(process.execPath, [entry, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  expect({ code, said }).toEqual({ code: 0, said: '' });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { tenonCommands } from '../documents/command-lines.ts';
import { type Outcome, tenon } from './command-line.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = makeFolder();
const project = join(folder.path, 'first flow');
let made: Outcome;

beforeAll(async () => {
  made = await tenon(['init', 'first flow'], { cwd: folder.path });
  // As `npm install` links them.
  const packages = join(project, 'node_modules');
  mkdirSync(packages);
  symlinkSync(ROOT, join(packages, 'tenon'));
  symlinkSync('../tenon-sdk', join(packages, 'tenon-sdk'));
}, 30_000);
afterAll(() => folder.remove());

const inProject = (program: string, ...args: string[]) =>
  spawnSync(join(ROOT, 'node_modules/.bin', program), args, {
    cwd: project,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });

describe('a project that tenon init has made', () => {
  it('is told with what to do next', () => {
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(
      /Made .*workflow\.ts.* in first flow\.\nNext: cd 'first flow' && npm install && npm test$/,
    );
    const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'first-flow', devDependencies: { 'tenon-sdk': 'file:tenon-sdk' } });
    expect(resolve(project, manifest.devDependencies.tenon.replace('file:', ''))).toBe(ROOT);
  });

  it('type-checks', () => {
    expect(inProject('tsc')).toMatchObject({ status: 0, stdout: '' });
    const workflow = join(project, 'workflow.ts');
    const text = readFileSync(workflow, 'utf8');
    writeFileSync(workflow, text.replace('event.payload.name', 'event.payload.nam'));
    const { stdout } = inProject('tsc');
    writeFileSync(workflow, text);
    expect(stdout).toMatch(/^workflow\.ts\(14,\d+\): error TS2551: Property 'nam' does not exist/);
  });

  it('passes its own test', () => {
    const { status, stdout } = inProject('node', '--test');
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('pass 2') });
  }, 30_000);

  it('has a README whose commands are understood', async () => {
    const env = { TENON_URL: 'http://127.0.0.1:9', TENON_KEY: 'none' };
    const commands = tenonCommands(readFileSync(join(project, 'README.md'), 'utf8'));
    expect(commands).toHaveLength(3);
    for (const args of commands) expect((await tenon(args, { env, cwd: project })).code).toBe(3);
  });
});

describe('tenon init', () => {
  it('leaves a folder alone that has something in it, and a file', async () => {
    const before = readdirSync(project);
    const again = await tenon(['init', 'first flow'], { cwd: folder.path });
    expect(again).toMatchObject({ code: 2, err: 'error: first flow is not empty: name a new or empty folder' });
    expect(readdirSync(project)).toEqual(before);
    const onto = await tenon(['init', 'README.md'], { cwd: project });
    expect(onto).toMatchObject({ code: 2, err: 'error: README.md is a file: name a new or empty folder' });
  });

  it('makes it here where no folder is named, and with --json says what it made', async () => {
    const here = join(folder.path, 'here');
    mkdirSync(here);
    const { code, out } = await tenon(['init', '--json'], { cwd: here });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      folder: here,
      files: expect.arrayContaining(['package.json', 'tenon-sdk/']),
    });
    expect(existsSync(join(here, 'tenon-sdk/cloudflare.d.ts'))).toBe(true);
  });
});

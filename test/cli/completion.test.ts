import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { tenon } from './command-line.ts';

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

const scriptFor = async (shell: string): Promise<string> => {
  const { code, out } = await tenon(['completion', shell]);
  expect(code).toBe(0);
  return out;
};

/** What bash offers for the last of these words. */
const offered = async (...words: string[]): Promise<readonly string[]> => {
  const ask = `${await scriptFor('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tenon; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
};

describe.skipIf(!hasShell('bash'))('completion in bash, where there is one', () => {
  it('completes commands, commands below them, and their options', async () => {
    expect(await offered('tenon', 'inst')).toEqual(['instances']);
    expect(await offered('tenon', 'instances', 'des')).toEqual(['describe']);
    expect(await offered('tenon', 'instances', 'describe', 'W', '--tr')).toEqual(['--truncate-output-limit']);
    expect(await offered('tenon', '--tenant', 'acme', 'keys', '')).toEqual(
      expect.arrayContaining(['create', 'list', 'rotate', 'revoke', '--json']),
    );
  });

  it('completes what an option takes, and leaves files to the shell', async () => {
    expect(await offered('tenon', 'tail', '--level', 'w')).toEqual(['warn']);
    expect(await offered('tenon', 'dev', '--prices', 'pri')).toEqual([]);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('in %s names every command, and its script is well formed', async (shell) => {
    const script = await scriptFor(shell);
    for (const path of ['/instances/send-event', '/versions/check', '/completion']) expect(script).toContain(path);
    if (!hasShell(shell)) return;
    const folder = makeFolder();
    writeFileSync(join(folder.path, 'script'), script);
    expect(spawnSync(shell, ['-n', join(folder.path, 'script')], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    folder.remove();
  });

  it('with --json is the commands themselves', async () => {
    const { out } = await tenon(['completion', 'bash', '--json']);
    const entries = JSON.parse(out) as {
      readonly path: string;
      readonly options: readonly { readonly name: string }[];
    }[];
    const list = entries.find(({ path }) => path === '/instances/list');
    expect(list?.options.map(({ name }) => name)).toEqual(expect.arrayContaining(['--status', '--tenant']));
  });

  it('for another shell is refused with those that there are', async () => {
    const { code, err } = await tenon(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(err).toContain('bash, zsh, fish');
  });
});

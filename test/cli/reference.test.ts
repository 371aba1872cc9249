import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandPath, commandsOf, EXAMPLES } from '../../lib/cli/examples.ts';
import { EXIT, EXIT_MEANINGS } from '../../lib/cli/exit-codes.ts';
import { makeProgram } from '../../lib/cli/program.ts';
import { splitWords } from '../documents/command-lines.ts';
import { makeTerminal, tenon } from './command-line.ts';
import { referenceText } from './reference-text.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const program = makeProgram({ terminal: makeTerminal().terminal, exitWith: () => undefined });
const paths = commandsOf(program).map(commandPath);

describe('the reference of the command line', () => {
  it('is what the commands say of themselves', async () => {
    await expect(referenceText(program)).toMatchFileSnapshot(resolve(ROOT, 'docs/cli.md'));
  });

  it('has one example for each command, and none for what is none', () => {
    expect(Object.keys(EXAMPLES).toSorted()).toEqual(paths.toSorted());
    for (const [path, example] of Object.entries(EXAMPLES)) {
      expect(example.startsWith(`tenon ${path}`), example).toBe(true);
    }
  });

  it('help shows the example and the exit codes', async () => {
    const { out, code } = await tenon(['keys', 'rotate', '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Example:\n  ${EXAMPLES['keys rotate']}`);
    const { out: all } = await tenon(['--help']);
    for (const exit of Object.values(EXIT)) expect(all).toContain(`${exit}  ${EXIT_MEANINGS[exit]}`);
  });

  // Nobody listens there: a command line that is understood comes as far as that.
  const env = { TENON_URL: 'http://127.0.0.1:9', TENON_KEY: 'none', TENON_TENANT: 'acme' };
  const LOCAL: readonly string[] = ['dev', 'init', 'completion'];
  it.each(Object.entries(EXAMPLES).filter(([path]) => !LOCAL.includes(path)))(
    '%s: its example is a command line',
    async (_, example) => {
      const args = splitWords(example.slice('tenon '.length));
      const { code, err } = await tenon(args, { env, cwd: resolve(ROOT, 'tenant-examples/hello') });
      expect({ code, err }).toMatchObject({ code: EXIT.unreachable });
    },
  );
});

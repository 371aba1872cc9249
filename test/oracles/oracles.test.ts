import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { type Finding, judgeFindings, readFindings } from './cfn-lint.ts';
import { lineOf } from './oracle.ts';
import { absenceOf, findTool, VENV_VARIABLE } from './python-tools.ts';

describe('a Python tool', () => {
  let folder: ReturnType<typeof makeFolder>;
  const install = (...names: string[]): void => {
    const file = join(folder.path, ...names);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    chmodSync(file, 0o700);
  };
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => folder.remove());

  it('is looked for in the virtual environment that is named, and nowhere else then', () => {
    install('venv', 'bin', 'cfn-lint');
    install('path', 'moto_server');
    const env = { [VENV_VARIABLE]: join(folder.path, 'venv'), PATH: join(folder.path, 'path') };
    expect(findTool('cfn-lint', env)).toBe(join(folder.path, 'venv', 'bin', 'cfn-lint'));
    expect(findTool('moto_server', env)).toBeUndefined();
  });

  it('is looked for on PATH where none is named', () => {
    install('second', 'moto_server');
    const env = { PATH: `${join(folder.path, 'first')}:${join(folder.path, 'second')}` };
    expect(findTool('moto_server', env)).toBe(join(folder.path, 'second', 'moto_server'));
    expect(findTool('cfn-lint', {})).toBeUndefined();
  });

  it('that is missing is told with what would bring it', () => {
    const line = lineOf('moto', { kind: 'skipped', reason: absenceOf('moto_server') });
    expect(line).toMatch(/^moto: skipped \(moto_server .* pip install -r test\/oracles\/requirements\.txt\)$/);
  });
});

describe('what cfn-lint finds', () => {
  const finding = (id: string): Finding => ({
    Level: 'Warning',
    Message: 'not as it should be',
    Location: { Path: ['Resources', 'Queue', 0] },
    Rule: { Id: id },
  });

  it('agrees where every finding is acknowledged by its id', () => {
    const outcome = judgeFindings([finding('W1'), finding('W1')], { W1: 'since' });
    expect(outcome).toEqual({
      kind: 'asked',
      agrees: true,
      summary: '0 findings, 2 acknowledged',
      disagreements: [],
    });
  });

  it('disagrees on any other, a warning too, and says where it stands', () => {
    const outcome = judgeFindings([finding('W1'), finding('W2')], { W1: 'since' });
    expect(outcome).toMatchObject({ agrees: false, summary: '1 findings, 1 acknowledged' });
    expect(lineOf('cfn-lint', outcome)).toContain('\n  Warning W2 Resources/Queue/0: not as it should be');
  });

  it('disagrees on an acknowledgement that is no longer needed', () => {
    expect(judgeFindings([], { W1: 'since' })).toMatchObject({
      agrees: false,
      disagreements: [expect.stringContaining('W1 is acknowledged and finds nothing')],
    });
  });

  it('is not nothing where the linter broke', () => {
    expect(() => readFindings('', 'Traceback')).toThrow('cfn-lint gave no findings');
  });
});

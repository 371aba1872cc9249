import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inspection } from '../../lib/ports/executor.ts';

interface Answer {
  readonly before: readonly number[];
  readonly inspection: Inspection;
  readonly after: readonly number[];
}

const BUNDLE = 'exports.default = { fetch() {} };';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As a Lambda stands still between two invocations: the supervisor with its executor, or the executor dies meanwhile. */
describe.skipIf(process.platform === 'win32')('an executor that stood still (signals are not for Windows)', () => {
  let parent: ChildProcess;

  beforeEach(async () => {
    parent = fork(fileURLToPath(new URL('supervised-child.ts', import.meta.url)), {
      execArgv: ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'],
      detached: true,
    });
    await once(parent, 'message');
  });
  afterEach(async () => {
    const gone = once(parent, 'exit');
    signal('SIGKILL');
    await gone;
  });

  const signal = (name: NodeJS.Signals): void => {
    process.kill(-(parent.pid ?? 0), name);
  };
  const ask = async (): Promise<Answer> => {
    const answered = once(parent, 'message');
    parent.send(BUNDLE);
    const [answer] = (await answered) as [Answer];
    return answer;
  };

  it('is the same one afterwards, though it has said nothing for long', async () => {
    const { after: pids } = await ask();
    signal('SIGSTOP');
    await pause(3_000);
    signal('SIGCONT');
    await pause(300);
    const { before, inspection } = await ask();
    expect(before).toEqual(pids);
    expect(inspection).toEqual({ ok: true, workflows: [], hasFetch: true });
  });

  it('and died meanwhile is replaced before it is asked for anything', async () => {
    const { after: pids } = await ask();
    signal('SIGSTOP');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    signal('SIGCONT');
    await pause(300);
    const { before, inspection } = await ask();
    expect(before).not.toEqual(pids);
    expect(inspection.ok).toBe(true);
  });
});

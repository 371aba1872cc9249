import { runCli } from '../../lib/cli/program.ts';
import type { Terminal } from '../../lib/cli/terminal.ts';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export const NOW = Date.parse('2026-11-20T12:00:00.000Z');

/** A terminal that keeps what it is told. */
export const makeTerminal = (more: Partial<Terminal> = {}) => {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    env: {},
    cwd: '/nowhere',
    isColoured: false,
    now: () => NOW,
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    progress: () => undefined,
    readInput: () => '',
    onStopSignal: () => () => {},
    ...more,
  };
  return { terminal, out, err };
};

/** Runs a command line in this process. */
export const tenon = async (args: readonly string[], more: Partial<Terminal> = {}): Promise<Outcome> => {
  const { terminal, out, err } = makeTerminal(more);
  const code = await runCli(args, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
};

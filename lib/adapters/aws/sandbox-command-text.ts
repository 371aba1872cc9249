import { SECOND_MS } from '../../core/limits.ts';
import type { SandboxCommand } from '../../ports/sandbox.ts';

const KILL_AFTER_S = 10;
/** What `timeout` ends with where it had to end the command: kindly, or not. */
const ENDED_BY_TIMEOUT: readonly number[] = [124, 137];

const timeoutS = ({ timeoutMs }: Pick<SandboxCommand, 'timeoutMs'>): number => Math.ceil(timeoutMs / SECOND_MS);

/** One word for a shell that takes nothing in it for anything else. The text holds no NUL. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What bash runs: the command under its time limit, with its variables. */
export const commandText = (command: Pick<SandboxCommand, 'command' | 'env' | 'timeoutMs'>): string => {
  const variables = Object.entries(command.env).map(([name, value]) => quoted(`${name}=${value}`));
  // By a shell of its own: `env` would take a program whose name holds `=` for one more variable.
  const program = ['bash', '-c', quoted('exec "$@"'), 'bash', ...command.command.map(quoted)];
  const words = ['timeout', `--kill-after=${KILL_AFTER_S}`, `${timeoutS(command)}`, 'env', ...variables, ...program];
  return `exec ${words.join(' ')}\n`;
};

/** A command may end with these codes by itself: only after its whole time they tell that it was ended. */
export const hasTimedOut = (
  command: Pick<SandboxCommand, 'timeoutMs'>,
  exit: { readonly code: number; readonly seconds: number },
): boolean => ENDED_BY_TIMEOUT.includes(exit.code) && exit.seconds >= timeoutS(command);

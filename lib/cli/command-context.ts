import type { Command } from 'commander';
import { type Connection, type ConnectionFlags, connect } from './connection.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What the program hands to each file of commands. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Where a command leaves a code other than 0. */
  exitWith(code: ExitCode): void;
}

export const connectionOf = (command: Command, context: CommandContext): Connection =>
  connect(command.optsWithGlobals<ConnectionFlags>(), context.terminal);

/** `--json` prints the API's own words; otherwise `describe` says it for a person. */
export const show = (
  context: CommandContext,
  connection: Connection,
  answer: unknown,
  describe: () => string,
): void => {
  context.terminal.print(connection.isJson ? JSON.stringify(answer ?? null, undefined, 2) : describe());
};

import { type Command, Option } from 'commander';
import { type CommandContext, connectionOf } from './command-context.ts';
import { stopOnSignal } from './stop-signal.ts';
import { showTail } from './tail/show-tail.ts';
import { LEVELS, OUTCOMES, type TailFilter } from './tail/tail-line.ts';

interface TailFlags {
  readonly workflow?: string;
  readonly level?: NonNullable<TailFilter['level']>;
  readonly status?: NonNullable<TailFilter['outcome']>;
  readonly search?: string;
}

export const addTail = (program: Command, context: CommandContext): void => {
  program
    .command('tail')
    .description('follow what a tenant says and throws, in requests and instances, until Ctrl-C; times are UTC')
    .option('--workflow <workflow>', 'its instances alone, and no requests')
    .addOption(new Option('--status <outcome>', 'only what went well, or what failed').choices(OUTCOMES))
    .addOption(new Option('--level <level>', 'only lines of that level and above').choices(LEVELS))
    .option('--search <text>', 'only lines with this text')
    .action(async (flags: TailFlags, command: Command) => {
      const connection = connectionOf(command, context);
      const { terminal } = context;
      const filter: TailFilter = {
        ...(flags.level !== undefined && { level: flags.level }),
        ...(flags.status !== undefined && { outcome: flags.status }),
        ...(flags.search !== undefined && { search: flags.search }),
      };
      const stop = stopOnSignal(terminal);
      try {
        await showTail({ connection, terminal, filter, workflow: flags.workflow }, stop.signal);
      } finally {
        stop.release();
      }
    });
};

import { type Command, Option } from 'commander';
import { type CommandContext, connectionOf } from './command-context.ts';
import { followTenant, MAX_FOLLOWED } from './tail/follow-tenant.ts';
import { MergeByTime } from './tail/merge-by-time.ts';
import { SteadyClient } from './tail/steady-client.ts';
import { isShown, LEVELS, lineText, OUTCOMES, type TailFilter, type TailLine } from './tail/tail-line.ts';
import { painter } from './terminal.ts';
import { countText } from './wording.ts';

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
      const paint = painter(terminal.isColoured);
      const show = (line: TailLine) => (connection.isJson ? JSON.stringify(line.told) : lineText(line, paint));
      const merged = new MergeByTime<TailLine>((line) => terminal.print(show(line)));

      // The first call is made once: who has mistaken the address is to hear so.
      let since = terminal.now();
      await connection.client.call('GET', connection.tenantPath(), {
        onServerTime: (at) => {
          since = at;
        },
      });
      const stopped = new AbortController();
      const release = terminal.onStopSignal(() => stopped.abort());
      terminal.complain('Following; Ctrl-C ends.');
      const params = {
        client: new SteadyClient(connection.client, (text) => terminal.complain(text)),
        connection,
        since,
        workflow: flags.workflow,
        isWhole: connection.isJson,
        onLines: (lines: readonly TailLine[]) => merged.add(lines.filter((line) => isShown(line, filter))),
        onLeftOut: (left: LeftOut) => terminal.complain(leftOutText(left)),
      };
      try {
        await followTenant(params, stopped.signal);
      } finally {
        merged.flush();
        release();
      }
    });
};

interface LeftOut {
  readonly instances: number;
  readonly workflows: number;
}

const leftOutText = ({ instances, workflows }: LeftOut): string => {
  const parts = [
    ...(instances > 0 ? [countText(instances, 'instance')] : []),
    ...(workflows > 0 ? [countText(workflows, 'workflow')] : []),
  ];
  return `${parts.join(' and ')} left out: ${MAX_FOLLOWED} instances at once is the most. --workflow <name> follows those of one.`;
};

import type { Command } from 'commander';
import { allSteps } from './all-steps.ts';
import type { InstanceDetail } from './api-types.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { parseCount } from './json-argument.ts';
import { resolveInstanceId } from './latest-instance.ts';
import { painter } from './terminal.ts';
import { timelineText } from './timeline-text.ts';

interface DescribeFlags {
  readonly stepOutput: boolean;
  readonly truncateOutputLimit: string;
}

export const addInstancesDescribe = (instances: Command, context: CommandContext): void => {
  instances
    .command('describe <workflow> [id]')
    .description('show an instance with its steps, attempts, durations and errors; without an id, the newest')
    .option('--no-step-output', 'leave out what the steps returned')
    .option('--truncate-output-limit <number>', 'cut what a step returned after so many characters', '5000')
    .action(async (workflow: string, id: string | undefined, flags: DescribeFlags, command: Command) => {
      const limit = parseCount(flags.truncateOutputLimit, '--truncate-output-limit') ?? 0;
      const connection = connectionOf(command, context);
      const path = connection.instancePath(workflow, await resolveInstanceId(connection, workflow, id ?? 'latest'));
      const detail = await connection.client.call<InstanceDetail>('GET', path);
      const steps = connection.isJson ? detail.steps : await allSteps(connection, path, detail);
      show(context, connection, detail, () =>
        timelineText(
          { ...detail, steps },
          {
            now: context.terminal.now(),
            paint: painter(context.terminal.isColoured),
            outputLimit: flags.stepOutput ? limit : 0,
          },
        ),
      );
    });
};

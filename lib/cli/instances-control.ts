import { type Command, Option } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { parseCount } from './json-argument.ts';
import { resolveInstanceId } from './latest-instance.ts';

type Action = 'pause' | 'resume' | 'terminate' | 'restart';

interface ControlFlags {
  readonly rollback?: boolean;
  readonly fromStepName?: string;
  readonly fromStepCount?: string;
  readonly fromStepType?: string;
}

export const addInstancesControl = (instances: Command, context: CommandContext): void => {
  const add = (action: Action, description: string): Command =>
    instances
      .command(`${action} <workflow> <id>`)
      .description(description)
      .action(async (workflow: string, id: string, flags: ControlFlags, command: Command) =>
        control(action, workflow, id, flags, command, context),
      );
  add('pause', 'let running callbacks finish and start nothing new');
  add('resume', 'go on after a pause');
  add('terminate', 'end an instance now').option('--rollback', 'undo its steps first');
  add('restart', 'start an instance again, from the beginning or from a step')
    .option('--from-step-name <name>', 'keep what was recorded before this step')
    .option('--from-step-count <number>', 'which of the steps of that name, from 1')
    .addOption(
      new Option('--from-step-type <type>', 'where kinds share a name').choices(['do', 'sleep', 'waitForEvent']),
    );

  instances
    .command('delete <workflow> <id>')
    .description('delete an instance with all that is stored of it, at any status')
    .action(async (workflow: string, given: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const id = await resolveInstanceId(connection, workflow, given);
      const answer = await connection.client.call<unknown>('DELETE', connection.instancePath(workflow, id));
      show(context, connection, answer, () => `Instance ${id} of ${workflow} is deleted.`);
    });
};

const control = async (
  action: Action,
  workflow: string,
  given: string,
  flags: ControlFlags,
  command: Command,
  context: CommandContext,
): Promise<void> => {
  const count = parseCount(flags.fromStepCount, '--from-step-count');
  if (flags.fromStepName === undefined && (count !== undefined || flags.fromStepType !== undefined)) {
    throw new UsageError('--from-step-count and --from-step-type need --from-step-name');
  }
  const connection = connectionOf(command, context);
  const id = await resolveInstanceId(connection, workflow, given);
  const answer = await connection.client.call<{ readonly status: string }>(
    'PATCH',
    `${connection.instancePath(workflow, id)}/status`,
    {
      json: {
        status: action,
        ...(flags.rollback === true ? { rollback: true } : {}),
        ...(flags.fromStepName === undefined
          ? {}
          : {
              from: {
                name: flags.fromStepName,
                ...(count === undefined ? {} : { count }),
                ...(flags.fromStepType === undefined ? {} : { type: flags.fromStepType }),
              },
            }),
      },
    },
  );
  show(context, connection, answer, () => `Instance ${id} of ${workflow} is ${answer.status}.`);
};

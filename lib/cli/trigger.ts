import type { Command } from 'commander';
import { versionText } from '../client/wording.ts';
import { type CreatedInstance, type InstanceDetail, isFailed, isFinished, type ShownError } from './api-types.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import type { Connection } from './connection.ts';
import { during } from './during.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { parseJsonArgument } from './json-argument.ts';
import type { Terminal } from './terminal.ts';

interface TriggerFlags {
  readonly id?: string;
  readonly params?: string;
  readonly wait?: boolean;
}

export const addTrigger = (program: Command, context: CommandContext): void => {
  program
    .command('trigger <workflow> [params]')
    .description('start an instance; params are JSON')
    .option('--id <id>', 'the id of the instance; one is made where it is left out')
    .option('--params <json>', 'the params, in place of the argument')
    .option('--wait', 'wait until it has finished and print its output; exit code 4 if it failed')
    .action(async (workflow: string, argument: string | undefined, flags: TriggerFlags, command: Command) => {
      if (argument !== undefined && flags.params !== undefined)
        throw new UsageError('give the params once: as argument or with --params');
      const params = parseJsonArgument(argument ?? flags.params, 'params');
      const connection = connectionOf(command, context);
      const creation = connection.client.call<CreatedInstance>(
        'POST',
        `${connection.workflowPath(workflow)}/instances`,
        {
          query: { wait: flags.wait === true ? 20 : undefined },
          json: { ...(flags.id === undefined ? {} : { id: flags.id }), ...(params === undefined ? {} : { params }) },
        },
      );
      const created = await (flags.wait === true
        ? during(context.terminal, `Waiting for the end of ${workflow} ...`, creation)
        : creation);
      if (flags.wait !== true) {
        show(context, connection, created, () => startedText(workflow, created));
        return;
      }
      const ended = isFinished(created.status)
        ? created
        : await untilFinished(connection, workflow, created.id, context.terminal);
      show(context, connection, ended, () => endedText(workflow, ended));
      if (isFailed(ended.status)) context.exitWith(EXIT.instanceFailed);
    });
};

const untilFinished = async (
  connection: Connection,
  workflow: string,
  id: string,
  terminal: Terminal,
): Promise<InstanceDetail> => {
  for (let status = ''; ; ) {
    const path = connection.instancePath(workflow, id);
    const look = connection.client.call<InstanceDetail>('GET', path, { query: { wait: 20 } });
    const detail = await during(terminal, `Waiting for the end of ${workflow} ${id}${status} ...`, look);
    status = `, which is ${detail.status}`;
    if (isFinished(detail.status)) return detail;
  }
};

const startedText = (workflow: string, { id, status, version }: CreatedInstance): string =>
  `Instance ${id} of ${workflow} is ${status} (version ${versionText(version)}).\nNext: tenon instances describe ${workflow} ${id}`;

interface Ended {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: ShownError | null;
}

const endedText = (workflow: string, { id, status, output, error }: Ended): string => {
  const head = `Instance ${id} of ${workflow} is ${status}.`;
  if (error !== undefined && error !== null) return `${head}\n${error.stack ?? `${error.name}: ${error.message}`}`;
  return output === undefined ? head : `${head}\n${JSON.stringify(output, undefined, 2)}`;
};

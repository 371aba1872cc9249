import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { parseJsonArgument } from './json-argument.ts';
import { resolveInstanceId } from './latest-instance.ts';

interface SendFlags {
  readonly type: string;
  readonly payload?: string;
  readonly idempotencyKey?: string;
}

export const addInstancesSendEvent = (instances: Command, context: CommandContext): void => {
  instances
    .command('send-event <workflow> <id>')
    .description('send an event to an instance')
    .requiredOption('--type <type>', 'the type that step.waitForEvent names')
    .option('--payload <json>', 'what the wait gives back; none where it is left out')
    .option('--idempotency-key <key>', 'the same key and payload twice are one event')
    .action(async (workflow: string, given: string, flags: SendFlags, command: Command) => {
      const payload = parseJsonArgument(flags.payload, '--payload');
      const connection = connectionOf(command, context);
      const id = await resolveInstanceId(connection, workflow, given);
      const path = `${connection.instancePath(workflow, id)}/events/${encodeURIComponent(flags.type)}`;
      const sent = await connection.client.call<{ readonly eventId: string }>('POST', path, {
        ...(payload === undefined ? {} : { json: payload }),
        ...(flags.idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': flags.idempotencyKey } }),
      });
      show(context, connection, sent, () => `Event ${flags.type} was accepted by instance ${id} of ${workflow}.`);
    });
};

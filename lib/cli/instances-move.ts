import type { Command } from 'commander';
import { versionText } from '../client/wording.ts';
import type { CreatedInstance } from './api-types.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { resolveInstanceId } from './latest-instance.ts';

export const addInstancesMove = (instances: Command, context: CommandContext): void => {
  instances
    .command('move <workflow> <id>')
    .description('let an unfinished instance go on with another version, after a replay that shows no divergence')
    .requiredOption('--version <version>', 'the version that it goes on with')
    .action(async (workflow: string, given: string, flags: { readonly version: string }, command: Command) => {
      const connection = connectionOf(command, context);
      const id = await resolveInstanceId(connection, workflow, given);
      const path = `${connection.instancePath(workflow, id)}/move`;
      const moved = await connection.client.call<CreatedInstance>('POST', path, { json: { version: flags.version } });
      show(
        context,
        connection,
        moved,
        () => `Instance ${id} of ${workflow} goes on with version ${versionText(moved.version)}.`,
      );
    });
};

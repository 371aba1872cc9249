import type { Command } from 'commander';
import { allSteps } from './all-steps.ts';
import type { InstanceDetail, ShownReplay } from './api-types.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { EXIT } from './exit-codes.ts';
import { resolveInstanceId } from './latest-instance.ts';
import { replayText } from './replay-text.ts';
import { painter } from './terminal.ts';

export const addReplay = (program: Command, context: CommandContext): void => {
  program
    .command('replay <workflow> [id]')
    .description('replay an instance step by step without effects, and say where the code stops, diverges or fails')
    .option('--version <version>', 'with the code of another version')
    .action(
      async (workflow: string, id: string | undefined, flags: { readonly version?: string }, command: Command) => {
        const connection = connectionOf(command, context);
        const path = connection.instancePath(workflow, await resolveInstanceId(connection, workflow, id ?? 'latest'));
        const replay = await connection.client.call<ShownReplay>('POST', `${path}/replay`, { json: flags });
        if (replay.outcome !== 'ok') context.exitWith(EXIT.refused);
        if (connection.isJson) return show(context, connection, replay, () => '');
        const detail = await connection.client.call<InstanceDetail>('GET', path);
        const steps = await allSteps(connection, path, detail);
        const paint = painter(context.terminal.isColoured);
        context.terminal.print(replayText({ ...detail, steps }, replay, paint));
      },
    );
};

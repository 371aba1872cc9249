import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { resolveInstanceId } from './latest-instance.ts';

interface VerdictFlags {
  readonly reason?: string;
  readonly by?: string;
}

export const addInstancesApprove = (instances: Command, context: CommandContext): void => {
  const add = (name: string, approved: boolean, description: string): Command =>
    instances
      .command(`${name} <workflow> <id> <approval>`)
      .description(description)
      .option('--reason <text>', 'shown with the answer')
      .option('--by <name>', 'who says so')
      .action(async (workflow: string, given: string, approval: string, flags: VerdictFlags, command: Command) => {
        const connection = connectionOf(command, context);
        const id = await resolveInstanceId(connection, workflow, given);
        const path = `${connection.instancePath(workflow, id)}/approvals/${encodeURIComponent(approval)}`;
        const said = await connection.client.call<{ readonly approved: boolean }>('POST', path, {
          json: { approved, ...flags },
        });
        const word = said.approved ? 'approved' : 'refused';
        show(context, connection, said, () => `Approval ${approval} of instance ${id} of ${workflow} is ${word}.`);
      });
  add('approve', true, 'let go on what a policy holds back (operator)');
  add('refuse', false, 'refuse what a policy holds back (operator)');
};

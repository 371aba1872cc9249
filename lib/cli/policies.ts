import { type Command, Option } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { tableText } from './wording.ts';

interface ShownPolicy {
  readonly name: string;
  readonly tenants?: readonly string[];
  readonly workflows?: readonly string[];
  readonly before: { readonly step: string } | { readonly binding: string; readonly method?: string };
  readonly action: 'approve' | 'refuse';
  readonly reason?: string;
}

interface PutFlags {
  readonly beforeStep?: string;
  readonly beforeCall?: string;
  readonly action: string;
  readonly reason?: string;
  readonly timeout?: string;
  readonly forTenant?: readonly string[];
  readonly workflow?: readonly string[];
}

const pathOf = (name: string): string => `/v1/policies/${encodeURIComponent(name)}`;

export const addPolicies = (program: Command, context: CommandContext): void => {
  const policies = program
    .command('policies')
    .description("what an operator has to approve, or refuses, outside of tenants' code (operator)");
  policies
    .command('list')
    .description('list the policies')
    .action(async (_flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<{ readonly policies: readonly ShownPolicy[] }>('GET', '/v1/policies');
      show(context, connection, page, () =>
        page.policies.length === 0
          ? 'No policies. "tenon policies put" sets one.'
          : tableText(
              ['POLICY', 'BEFORE', 'DOES', 'TENANTS', 'WORKFLOWS'],
              page.policies.map(({ name, before, action, reason, tenants, workflows }) => [
                name,
                subjectText(before),
                reason === undefined ? action : `${action}: ${reason}`,
                tenants?.join(' ') ?? 'all',
                workflows?.join(' ') ?? 'all',
              ]),
            ),
      );
    });
  policies
    .command('put <name>')
    .description('set a policy in place of what had the name')
    .option('--before-step <name>', 'steps of that name; * stands for any characters')
    .option('--before-call <binding>', 'calls of a binding, or of one method: WORKFLOWS.create')
    .addOption(new Option('--action <action>').choices(['approve', 'refuse']).makeOptionMandatory())
    .option('--reason <text>', 'with refuse: what the tenant is told')
    .option('--timeout <duration>', 'with approve: refused after that, such as "2 days"')
    .option('--for-tenant <ids...>', 'these tenants alone')
    .option('--workflow <names...>', 'these workflows alone')
    .action(async (name: string, flags: PutFlags, command: Command) => {
      const connection = connectionOf(command, context);
      const json = {
        ...(flags.forTenant !== undefined && { tenants: flags.forTenant }),
        ...(flags.workflow !== undefined && { workflows: flags.workflow }),
        before: subjectOf(flags),
        action: flags.action,
        ...(flags.reason !== undefined && { reason: flags.reason }),
        ...(flags.timeout !== undefined && { timeout: flags.timeout }),
      };
      const put = await connection.client.call<ShownPolicy>('PUT', pathOf(name), { json });
      show(context, connection, put, () => `Policy ${name} holds before ${subjectText(put.before)}.`);
    });
  policies
    .command('delete <name>')
    .description('remove a policy; what waits for an approval goes on waiting')
    .action(async (name: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const answer = await connection.client.call<unknown>('DELETE', pathOf(name));
      show(context, connection, answer, () => `Policy ${name} is removed.`);
    });
};

const subjectOf = ({ beforeStep, beforeCall }: PutFlags): ShownPolicy['before'] => {
  if ((beforeStep === undefined) === (beforeCall === undefined)) {
    throw new UsageError('Give either --before-step or --before-call.');
  }
  if (beforeStep !== undefined) return { step: beforeStep };
  const [binding = '', method] = (beforeCall ?? '').split('.');
  return method === undefined ? { binding } : { binding, method };
};

const subjectText = (before: ShownPolicy['before']): string => {
  if ('step' in before) return `step "${before.step}"`;
  return before.method === undefined ? `calls of ${before.binding}` : `${before.binding}.${before.method}`;
};

import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { momentText } from './wording.ts';

interface TenantDetail {
  readonly id: string;
  readonly isolation: string;
  readonly egress: unknown;
  readonly suspended: boolean;
  /** By the service itself. */
  readonly suspension?: { readonly at: string; readonly reason: string };
  readonly strikes?: readonly { readonly at: string; readonly what: string }[];
  readonly createdAt: string;
  readonly limits: Readonly<Record<string, number>>;
}

const pathOf = (id: string): string => `/v1/tenants/${encodeURIComponent(id)}`;

export const addTenantsControl = (tenants: Command, context: CommandContext): void => {
  tenants
    .command('describe <id>')
    .description('show a tenant: isolation, egress, limits, and the processes that its code has cost')
    .action(async (id: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const tenant = await connection.client.call<TenantDetail>('GET', pathOf(id));
      show(context, connection, tenant, () => tenantText(tenant));
    });
  const addSuspension = (name: string, suspended: boolean, description: string, done: string): void => {
    tenants
      .command(`${name} <id>`)
      .description(description)
      .action(async (id: string, _flags: unknown, command: Command) => {
        const connection = connectionOf(command, context);
        const tenant = await connection.client.call<TenantDetail>('PATCH', pathOf(id), { json: { suspended } });
        show(context, connection, tenant, () => `Tenant ${id} ${done}.`);
      });
  };
  addSuspension('suspend', true, 'run nothing of a tenant any more, and keep what it has', 'is suspended');
  addSuspension('resume', false, 'lift the suspension of a tenant', 'goes on');
  tenants
    .command('delete <id>')
    .description('delete a tenant with all of its data, for good')
    .option('--with-all-data', 'needed: nothing of it can be brought back')
    .action(async (id: string, flags: { readonly withAllData?: true }, command: Command) => {
      if (flags.withAllData !== true) {
        throw new UsageError(
          `this deletes ${id} with its code, instances and stored data for good: add --with-all-data`,
        );
      }
      const connection = connectionOf(command, context);
      const answer = await connection.client.call<unknown>('DELETE', pathOf(id));
      show(context, connection, answer, () => `Tenant ${id} is deleted.`);
    });
};

const tenantText = (tenant: TenantDetail): string => {
  const { id, isolation, egress, suspended, suspension, strikes = [], createdAt, limits } = tenant;
  return [
    `${id}  ${suspended ? 'suspended' : 'active'}, since ${createdAt.slice(0, 10)}`,
    ...(suspension === undefined
      ? []
      : [`suspended by the service, ${momentText(suspension.at)}: ${suspension.reason}`]),
    `isolation  ${isolation}`,
    `egress  ${typeof egress === 'string' ? egress : JSON.stringify(egress)}`,
    'limits',
    ...Object.entries(limits).map(([name, limit]) => `  ${name}  ${limit}`),
    ...strikes.map(({ at, what }) => `strike, ${momentText(at)}: ${what}`),
  ].join('\n');
};

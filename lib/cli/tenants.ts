import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { parseCount } from './json-argument.ts';
import { addTenantsControl } from './tenants-control.ts';
import { agoText, tableText } from './wording.ts';

interface ShownTenant {
  readonly id: string;
  readonly name?: string | null;
  readonly isolation?: string;
  readonly egress?: unknown;
  readonly suspended?: boolean;
  readonly createdAt?: string;
}

interface CreateFlags {
  readonly name?: string;
  readonly isolation?: string;
  readonly egress?: string;
  readonly allow?: readonly string[];
}

export const addTenants = (program: Command, context: CommandContext): void => {
  const tenants = program.command('tenants').description('tenants of this service (operator)');
  tenants
    .command('create <id>')
    .description('make a tenant and print its key, once')
    .option('--name <name>', 'for people')
    .option('--isolation <level>', 'isolate or microvm')
    .option('--egress <policy>', 'none, public, or the URL of a gateway')
    .option('--allow <hosts...>', 'hosts that its code may reach, such as api.example.com or *.example.org')
    .action(async (id: string, flags: CreateFlags, command: Command) => {
      const egress = egressOf(flags);
      const connection = connectionOf(command, context);
      const created = await connection.client.call<{ readonly tenant: ShownTenant; readonly apiKey: string }>(
        'POST',
        '/v1/tenants',
        {
          json: {
            id,
            ...(flags.name === undefined ? {} : { name: flags.name }),
            ...(flags.isolation === undefined ? {} : { isolation: flags.isolation }),
            ...(egress === undefined ? {} : { egress }),
          },
        },
      );
      show(
        context,
        connection,
        created,
        () =>
          `Tenant ${id} is made. Its key is shown this once:\n${created.apiKey}\nNext: tenon deploy <file> --tenant ${id}`,
      );
    });
  tenants
    .command('list')
    .description('list tenants')
    .option('--per-page <number>', 'how many, up to 200')
    .option('--cursor <cursor>', 'go on where the last page ended')
    .action(async (flags: { readonly perPage?: string; readonly cursor?: string }, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<{
        readonly tenants: readonly ShownTenant[];
        readonly cursor?: string | null;
      }>('GET', '/v1/tenants', {
        query: { limit: parseCount(flags.perPage, '--per-page'), cursor: flags.cursor },
      });
      show(context, connection, page, () => listText(page.tenants, page.cursor, context.terminal.now()));
    });
  addTenantsControl(tenants, context);
};

const egressOf = ({ egress, allow }: CreateFlags): unknown => {
  if (allow !== undefined) {
    if (egress !== undefined) throw new UsageError('--allow and --egress exclude each other');
    return { allow };
  }
  if (egress === undefined || egress === 'none' || egress === 'public') return egress;
  if (URL.canParse(egress)) return { gateway: egress };
  throw new UsageError(`--egress must be none, public or a URL, got "${egress}"`);
};

const listText = (tenants: readonly ShownTenant[], cursor: string | null | undefined, now: number): string => {
  if (tenants.length === 0) return 'No tenants. "tenon tenants create <id>" makes one.';
  const rows = tenants.map(({ id, name, isolation, egress, suspended, createdAt }) => [
    id,
    name ?? '',
    suspended === true ? 'suspended' : 'active',
    isolation ?? '',
    egressText(egress),
    createdAt === undefined ? '' : agoText(createdAt, now),
  ]);
  const table = tableText(['TENANT', 'NAME', 'STATE', 'ISOLATION', 'EGRESS', 'CREATED'], rows);
  return typeof cursor === 'string' ? `${table}\nMore: tenon tenants list --cursor ${cursor}` : table;
};

const egressText = (egress: unknown): string => {
  if (typeof egress === 'string') return egress;
  const { allow, gateway } = (egress ?? {}) as { allow?: readonly string[]; gateway?: string };
  return allow === undefined ? (gateway ?? '') : allow.join(' ');
};

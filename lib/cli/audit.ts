import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { parseCount } from './json-argument.ts';
import { momentText, tableText } from './wording.ts';

interface ShownEntry {
  readonly at: string;
  readonly by: { readonly kind: 'operator' } | { readonly kind: 'key'; readonly keyId: string };
  readonly operation: string;
  readonly names: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly status?: number;
}

interface AuditPage {
  readonly entries: readonly ShownEntry[];
  readonly cursor?: string | null;
}

interface AuditFlags {
  readonly all?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly perPage?: string;
  readonly cursor?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const addAudit = (program: Command, context: CommandContext): void => {
  program
    .command('audit')
    .description('who changed what about a tenant, newest first; kept for 90 days')
    .option('--all', 'about every tenant (operator)')
    .option('--from <time>', 'a day such as 2026-01-31, or a time in ISO 8601')
    .option('--to <time>', 'the same')
    .option('--per-page <number>', 'how many, up to 200')
    .option('--cursor <cursor>', 'go on where the last page ended')
    .action(async (flags: AuditFlags, command: Command) => {
      const connection = connectionOf(command, context);
      const path = flags.all === true ? '/v1/audit' : `${connection.tenantPath()}/audit`;
      const page = await connection.client.call<AuditPage>('GET', path, {
        query: {
          from: timeOf(flags.from, 'T00:00:00.000Z'),
          to: timeOf(flags.to, 'T23:59:59.999Z'),
          limit: parseCount(flags.perPage, '--per-page'),
          cursor: flags.cursor,
        },
      });
      show(context, connection, page, () => auditText(page, flags));
    });
};

const timeOf = (text: string | undefined, timeOfDay: string): string | undefined =>
  text !== undefined && DAY.test(text) ? text + timeOfDay : text;

const auditText = ({ entries, cursor }: AuditPage, { all }: AuditFlags): string => {
  if (entries.length === 0) return 'Nothing was changed.';
  const rows = entries.map(({ at, by, operation, names, tenant, status }) => [
    momentText(at),
    by.kind === 'operator' ? 'operator' : `key ${by.keyId}`,
    tenant ?? '',
    status === undefined ? 'unknown' : String(status),
    operation,
    Object.entries(names)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ]);
  const table = tableText(['TIME', 'BY', 'TENANT', 'ANSWER', 'CALL', 'NAMES'], rows);
  const command = all === true ? 'tenon audit --all' : 'tenon audit';
  return typeof cursor === 'string' ? `${table}\nMore: ${command} --cursor ${cursor}` : table;
};

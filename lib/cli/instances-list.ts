import type { Command } from 'commander';
import { countText, lengthText, versionText } from '../client/wording.ts';
import type { ShownInstance } from './api-types.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { parseCount } from './json-argument.ts';
import { waitText } from './wait-text.ts';
import { agoText, tableText } from './wording.ts';

interface ListFlags {
  readonly status?: string;
  readonly filterByStatus?: string;
  readonly dateStart?: string;
  readonly dateEnd?: string;
  readonly perPage?: string;
  readonly cursor?: string;
  readonly reverse?: boolean;
}

interface Page {
  readonly instances: readonly ShownInstance[];
  readonly cursor?: string | null;
}

export const addInstancesList = (instances: Command, context: CommandContext): void => {
  instances
    .command('list <workflow>')
    .description('list instances, newest first')
    .option(
      '--status <status>',
      'queued, running, waiting, paused, waitingForPause, rollingBack, errored, terminated or complete',
    )
    .option('--filter-by-status <status>', 'the same')
    .option('--date-start <date>', 'created at or after this moment (ISO 8601)')
    .option('--date-end <date>', 'created at or before this moment (ISO 8601)')
    .option('--per-page <number>', 'how many, up to 200')
    .option('--cursor <cursor>', 'go on where the last page ended')
    .option('--reverse', 'oldest of the page first')
    .action(async (workflow: string, flags: ListFlags, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<Page>('GET', `${connection.workflowPath(workflow)}/instances`, {
        query: {
          status: flags.status ?? flags.filterByStatus,
          from: momentOf(flags.dateStart, '--date-start'),
          to: momentOf(flags.dateEnd, '--date-end'),
          limit: parseCount(flags.perPage, '--per-page'),
          cursor: flags.cursor,
        },
      });
      const rows = flags.reverse === true ? [...page.instances].reverse() : page.instances;
      show(context, connection, { ...page, instances: rows }, () =>
        listText(workflow, rows, page.cursor, context.terminal.now()),
      );
    });
};

const momentOf = (text: string | undefined, flag: string): string | undefined => {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new UsageError(`${flag} must be a date such as 2026-11-20 or 2026-11-20T13:00:00Z, got "${text}"`);
  return new Date(ms).toISOString();
};

const listText = (
  workflow: string,
  instances: readonly ShownInstance[],
  cursor: string | null | undefined,
  now: number,
): string => {
  if (instances.length === 0) return `No instances of ${workflow}. "tenon trigger ${workflow}" starts one.`;
  const rows = instances.map((instance) => [
    instance.id,
    instance.status,
    versionText(instance.version),
    agoText(instance.createdAt, now),
    spentText(instance, now),
    (instance.waitingFor ?? []).map((wait) => waitText(wait, now)).join('; '),
  ]);
  const table = tableText(['INSTANCE', 'STATUS', 'VERSION', 'CREATED', 'TOOK', 'WAITS FOR'], rows);
  const more = typeof cursor === 'string' ? `\nMore: tenon instances list ${workflow} --cursor ${cursor}` : '';
  return `${table}\n${countText(instances.length, 'instance')}${more}`;
};

const spentText = ({ startedAt, endedAt }: ShownInstance, now: number): string => {
  if (typeof startedAt !== 'string') return '';
  return lengthText((typeof endedAt === 'string' ? Date.parse(endedAt) : now) - Date.parse(startedAt));
};

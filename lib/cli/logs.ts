import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { parseCount } from './json-argument.ts';
import { momentText } from './wording.ts';

interface ShownRequest {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly lines: readonly { readonly time: string; readonly level: string; readonly message: string }[];
  readonly error?: { readonly name: string; readonly message: string };
}

interface RequestPage {
  readonly requests: readonly ShownRequest[];
  readonly cursor?: string | null;
}

export const addLogs = (program: Command, context: CommandContext): void => {
  program
    .command('logs')
    .description('what default.fetch has said, by requests, newest first; kept for 7 days')
    .option('--per-page <number>', 'how many requests, up to 200')
    .option('--cursor <cursor>', 'go on where the last page ended')
    .action(async (flags: { readonly perPage?: string; readonly cursor?: string }, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<RequestPage>('GET', `${connection.tenantPath()}/logs`, {
        query: { limit: parseCount(flags.perPage, '--per-page'), cursor: flags.cursor },
      });
      show(context, connection, page, () => logsText(page));
    });
};

const logsText = ({ requests, cursor }: RequestPage): string => {
  if (requests.length === 0) return 'No request has said anything, and none has failed.';
  const parts = requests.map(({ time, method, path, status, lines, error }) =>
    [
      `${momentText(time)}  ${method} ${path}  ${status}`,
      ...lines.map(({ level, message }) => `  ${level.padEnd(5)} ${message}`),
      ...(error === undefined ? [] : [`  threw ${error.name}: ${error.message}`]),
    ].join('\n'),
  );
  const more = cursor ? `\n\nMore: tenon logs --cursor ${cursor}` : '';
  return `${parts.join('\n')}${more}`;
};

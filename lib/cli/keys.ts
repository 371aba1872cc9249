import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { agoText, tableText } from './wording.ts';

interface ShownKey {
  readonly keyId: string;
  readonly createdAt?: string;
}

export const addKeys = (program: Command, context: CommandContext): void => {
  const keys = program.command('keys').description('keys of a tenant (operator)');
  keys
    .command('create')
    .description('make another key and print it, once')
    .action(async (_flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const created = await connection.client.call<{ readonly keyId: string; readonly apiKey: string }>(
        'POST',
        `${connection.tenantPath()}/keys`,
      );
      show(context, connection, created, () => `Key ${created.keyId} is shown this once:\n${created.apiKey}`);
    });
  keys
    .command('list')
    .description('list the ids of the keys')
    .action(async (_flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<{ readonly keys: readonly ShownKey[] }>(
        'GET',
        `${connection.tenantPath()}/keys`,
      );
      const now = context.terminal.now();
      show(context, connection, page, () =>
        page.keys.length === 0
          ? 'No keys. "tenon keys create" makes one.'
          : tableText(
              ['KEY', 'CREATED'],
              page.keys.map(({ keyId, createdAt }) => [keyId, createdAt === undefined ? '' : agoText(createdAt, now)]),
            ),
      );
    });
  keys
    .command('revoke <keyId>')
    .description('refuse a key from now on')
    .action(async (keyId: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const answer = await connection.client.call<unknown>(
        'DELETE',
        `${connection.tenantPath()}/keys/${encodeURIComponent(keyId)}`,
      );
      show(context, connection, answer, () => `Key ${keyId} is revoked.`);
    });
};

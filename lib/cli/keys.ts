import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { agoText, inText, tableText } from './wording.ts';

interface ShownKey {
  readonly keyId: string;
  readonly createdAt?: string;
  readonly expiresAt?: string;
}

interface MadeKey {
  readonly keyId: string;
  readonly apiKey: string;
}

export const addKeys = (program: Command, context: CommandContext): void => {
  const keys = program.command('keys').description('keys of a tenant (operator)');
  keys
    .command('create')
    .description('make another key and print it, once')
    .option('--expires-at <time>', 'refuse it from then on; ISO 8601')
    .action(async ({ expiresAt }: { readonly expiresAt?: string }, command: Command) => {
      const connection = connectionOf(command, context);
      const path = `${connection.tenantPath()}/keys`;
      const created = await connection.client.call<MadeKey>('POST', path, expiresAt ? { json: { expiresAt } } : {});
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
              ['KEY', 'CREATED', 'EXPIRES'],
              page.keys.map(({ keyId, createdAt, expiresAt }) => [
                keyId,
                createdAt === undefined ? '' : agoText(createdAt, now),
                expiresAt === undefined ? 'never' : inText(expiresAt, now),
              ]),
            ),
      );
    });
  keys
    .command('rotate <keyId>')
    .description('make a key in place of another, which goes on for a while, and print it, once')
    .option('--grace <duration>', 'how long the old one goes on, such as "10 minutes"; an hour where it is left out')
    .action(async (keyId: string, { grace }: { readonly grace?: string }, command: Command) => {
      const connection = connectionOf(command, context);
      const path = `${connection.tenantPath()}/keys/${encodeURIComponent(keyId)}/rotate`;
      const rotated = await connection.client.call<MadeKey & { readonly replaced: { readonly expiresAt: string } }>(
        'POST',
        path,
        grace ? { json: { grace } } : {},
      );
      const { expiresAt } = rotated.replaced;
      const now = context.terminal.now();
      const from = Date.parse(expiresAt) <= now ? 'from now on' : inText(expiresAt, now);
      show(
        context,
        connection,
        rotated,
        () => `Key ${rotated.keyId} is shown this once:\n${rotated.apiKey}\nKey ${keyId} is refused ${from}.`,
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

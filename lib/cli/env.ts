import type { Command } from 'commander';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { tableText } from './wording.ts';

interface ShownVariable {
  readonly name: string;
  readonly value?: string | null;
  readonly secret?: boolean;
}

export const addEnv = (program: Command, context: CommandContext): void => {
  const env = program.command('env').description("variables and secrets that the tenant's code finds in env");
  env
    .command('set <name> <value>')
    .description('set a variable; a value of - is read from standard input')
    .option('--secret', 'never shown again')
    .action(async (name: string, given: string, flags: { readonly secret?: boolean }, command: Command) => {
      const connection = connectionOf(command, context);
      const value = given === '-' ? context.terminal.readInput().replace(/\r?\n$/, '') : given;
      const answer = await connection.client.call<unknown>(
        'PUT',
        `${connection.tenantPath()}/env/${encodeURIComponent(name)}`,
        {
          json: { value, ...(flags.secret === true ? { secret: true } : {}) },
        },
      );
      show(context, connection, answer, () => `${name} is set${flags.secret === true ? ', as a secret' : ''}.`);
    });
  env
    .command('list')
    .description('list the names, and the values that are no secrets')
    .action(async (_flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<{ readonly env: readonly ShownVariable[] }>(
        'GET',
        `${connection.tenantPath()}/env`,
      );
      show(context, connection, page, () =>
        page.env.length === 0
          ? 'Nothing is set. "tenon env set <name> <value>" sets a variable.'
          : tableText(
              ['NAME', 'VALUE'],
              page.env.map(({ name, value, secret }) => [name, secret === true ? '(secret)' : (value ?? '')]),
            ),
      );
    });
  env
    .command('delete <name>')
    .description('remove a variable')
    .action(async (name: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const answer = await connection.client.call<unknown>(
        'DELETE',
        `${connection.tenantPath()}/env/${encodeURIComponent(name)}`,
      );
      show(context, connection, answer, () => `${name} is removed.`);
    });
};

import type { Command } from 'commander';
import { versionText } from '../client/wording.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { addVersionsCheck } from './versions-check.ts';
import { agoText, tableText } from './wording.ts';

interface ShownVersion {
  readonly version: string;
  readonly active?: boolean;
  readonly createdAt?: string;
  readonly workflows?: readonly { readonly name: string }[];
}

export const addVersions = (program: Command, context: CommandContext): void => {
  const versions = program.command('versions').description('what a tenant has deployed');
  versions
    .command('list')
    .description('list versions, newest first')
    .action(async (_flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const page = await connection.client.call<{ readonly versions: readonly ShownVersion[] }>(
        'GET',
        `${connection.tenantPath()}/versions`,
      );
      const now = context.terminal.now();
      show(context, connection, page, () =>
        page.versions.length === 0
          ? 'No versions. "tenon deploy <file>" makes one.'
          : tableText(
              ['VERSION', 'STATE', 'CREATED', 'WORKFLOWS'],
              page.versions.map(({ version, active, createdAt, workflows = [] }) => [
                version,
                active === true ? 'active' : '',
                createdAt === undefined ? '' : agoText(createdAt, now),
                workflows.map(({ name }) => name).join(', '),
              ]),
            ),
      );
    });
  versions
    .command('activate <version>')
    .description('give a version to new instances; those that exist keep theirs')
    .action(async (version: string, _flags: unknown, command: Command) => {
      const connection = connectionOf(command, context);
      const path = `${connection.tenantPath()}/versions/${encodeURIComponent(version)}/activate`;
      const answer = await connection.client.call<unknown>('POST', path);
      show(context, connection, answer, () => `Version ${versionText(version)} is active: new instances take it.`);
    });
  addVersionsCheck(versions, context);
};

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { bundleText, tellProblems } from './bundle-text.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { EXIT } from './exit-codes.ts';
import { uploadBundle } from './upload-bundle.ts';
import { readUploadSource } from './upload-source.ts';

export const addDeploy = (program: Command, context: CommandContext): void => {
  program
    .command('deploy <path>')
    .description('upload a workflow file, a zip, or a folder with index.ts, as a new version')
    .option('--no-activate', 'make the version without giving it to new instances')
    .action(async (path: string, flags: { readonly activate: boolean }, command: Command) => {
      const connection = connectionOf(command, context);
      const source = readUploadSource(path, resolve(context.terminal.cwd, path));
      const bundle = await uploadBundle({
        client: connection.client,
        tenantPath: connection.tenantPath(),
        source,
        activate: flags.activate,
        terminal: context.terminal,
      });
      show(context, connection, bundle, () => bundleText(bundle, source, flags.activate));
      if (bundle.status === 'ready') return;
      context.exitWith(EXIT.refused);
      if (!connection.isJson) tellProblems(bundle, source, context.terminal);
    });
};

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ShownBundle } from './api-types.ts';
import { type CommandContext, connectionOf, show } from './command-context.ts';
import { EXIT } from './exit-codes.ts';
import { problemText } from './problem-text.ts';
import { painter } from './terminal.ts';
import { uploadBundle } from './upload-bundle.ts';
import { readUploadSource, type UploadSource } from './upload-source.ts';
import { countText, sizeText, versionText } from './wording.ts';

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
      show(context, connection, bundle, () => deployedText(bundle, source, flags.activate));
      if (bundle.status === 'ready') return;
      context.exitWith(EXIT.refused);
      if (connection.isJson) return;
      const problems = bundle.problems ?? [];
      const paint = painter(context.terminal.isColoured);
      for (const problem of problems) context.terminal.complain(`\n${problemText(problem, source, paint)}`);
    });
};

const deployedText = (bundle: ShownBundle, source: UploadSource, activate: boolean): string => {
  if (bundle.status === 'rejected') {
    return `${source.title} was rejected: ${countText(bundle.problems?.length ?? 0, 'problem')}. Nothing changed.`;
  }
  const names = (bundle.workflows ?? []).map(({ name }) => name);
  const version = bundle.version ?? '';
  const first = names[0];
  return [
    `Uploaded ${source.title}, ${sizeText(source.bytes.length)}.`,
    `Version ${versionText(version)} ${activate ? 'is active' : 'is ready, not active'}: ${[...names, ...(bundle.hasFetch === true ? ['fetch'] : [])].join(', ')}`,
    ...(activate
      ? first === undefined
        ? []
        : [`Next: tenon trigger ${first}`]
      : [`Next: tenon versions activate ${version}`]),
  ].join('\n');
};

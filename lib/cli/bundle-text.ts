import { countText, sizeText, versionText } from '../client/wording.ts';
import type { ShownBundle } from './api-types.ts';
import { problemText } from './problem-text.ts';
import { painter, type Terminal } from './terminal.ts';
import type { UploadSource } from './upload-source.ts';

/** What stands in the way of a bundle, each with its line. */
export const tellProblems = (bundle: ShownBundle, source: UploadSource, terminal: Terminal): void => {
  const paint = painter(terminal.isColoured);
  for (const problem of bundle.problems ?? []) terminal.complain(`\n${problemText(problem, source, paint)}`);
};

/** What became of an upload. */
export const bundleText = (bundle: ShownBundle, source: UploadSource, activate: boolean): string => {
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

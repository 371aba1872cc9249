import type { VersionSource } from '../../../client/operations.ts';

type Files = VersionSource['files'];

/** A file in both versions; empty where it is not there. */
export interface ChangedFile {
  readonly path: string;
  readonly kind: 'changed' | 'added' | 'removed';
  readonly before: string;
  readonly after: string;
}

/** Those that differ, by path. */
export const changedFiles = (before: Files, after: Files): readonly ChangedFile[] => {
  const old = new Map(before.map(({ path, text }) => [path, text]));
  const fresh = new Map(after.map(({ path, text }) => [path, text]));
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .sort()
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => ({
      path,
      kind: !old.has(path) ? 'added' : fresh.has(path) ? 'changed' : 'removed',
      before: old.get(path) ?? '',
      after: fresh.get(path) ?? '',
    }));
};

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GoldenJournal } from '../examples/golden-journal.ts';

/** What each release left behind, never rewritten: a folder a release. */
export const RELEASES_FOLDER = join(import.meta.dirname, 'releases');

/** One instance that a release ran to its end. */
export interface CompatCase {
  readonly title: string;
  readonly workflow: string;
  readonly apiLevel: number;
  readonly input: unknown;
  /** What the release's compiler made of the tenant's source. */
  readonly code: string;
  /** Its last record is the outcome. */
  readonly journal: GoldenJournal;
}

/** A data folder as text: the database's statements and the files below `blobs/named`. */
export interface CompatFolder {
  readonly userVersion: number;
  readonly statements: readonly string[];
  readonly blobs: Readonly<Record<string, string>>;
}

export const releases = (): readonly string[] => readdirSync(RELEASES_FOLDER).sort();

export const readCases = (release: string): readonly CompatCase[] =>
  readdirSync(join(RELEASES_FOLDER, release, 'cases')).map((file) => readJson<CompatCase>(release, `cases/${file}`));

export const readFolder = (release: string): CompatFolder => readJson(release, 'data-folder.json');

/** @throws Error `EEXIST` where the release has been recorded before: what it left is what instances of it stand on */
export const writeRelease = (release: string, cases: readonly CompatCase[], folder: CompatFolder): void => {
  mkdirSync(join(RELEASES_FOLDER, release));
  mkdirSync(join(RELEASES_FOLDER, release, 'cases'));
  for (const one of cases) writeJson(release, `cases/${one.title.replaceAll(' ', '-')}.json`, one);
  writeJson(release, 'data-folder.json', folder);
};

const readJson = <T>(release: string, file: string): T =>
  JSON.parse(readFileSync(join(RELEASES_FOLDER, release, file), 'utf8')) as T;

const writeJson = (release: string, file: string, value: unknown): void =>
  writeFileSync(join(RELEASES_FOLDER, release, file), `${JSON.stringify(value, undefined, 1)}\n`);

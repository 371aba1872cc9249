import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Every document that a reader may open, by its path from the project's folder. */
export const DOCUMENTS: readonly string[] = globSync(['*.md', 'docs/**/*.md', 'tenant-examples/**/*.md'], {
  cwd: ROOT,
}).sort();

export const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** The anchors that its headings have, as GitHub makes them. */
export const anchorsOf = (name: string): readonly string[] =>
  [...read(name).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from './page-under-test.ts';

const OUT = resolve(import.meta.dirname, '../../web.out');
const ASSETS = resolve(OUT, 'assets');

/** What makes the editor: CodeMirror, and the compiler behind it. It comes when a view asks for it. */
const isOfEditor = (name: string): boolean =>
  name.includes('worker') || readFileSync(resolve(ASSETS, name), 'utf8').includes('cm-editor');

const compressed = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + readFileSync(resolve(ASSETS, `${name}.br`)).length, 0);

describe('the weight of the page, in Brotli', () => {
  let names: readonly string[];
  let index: string;

  beforeAll(() => {
    buildPage();
    names = readdirSync(ASSETS).filter((name) => !name.endsWith('.br'));
    index = readFileSync(resolve(OUT, 'index.html'), 'utf8');
  });

  it('is below 300 KB for all views together, without the editor', () => {
    const rest = names.filter((name) => !isOfEditor(name));
    expect(rest.length).toBeLessThan(names.length);
    expect(compressed(rest)).toBeLessThan(300_000);
  });

  it('is below 40 KB for what has to come before anything shows, and no editor is in it', () => {
    const first = names.filter((name) => index.includes(`/assets/${name}`));
    expect(first.some((name) => name.endsWith('.js'))).toBe(true);
    expect(first.some((name) => name.endsWith('.css'))).toBe(true);
    expect(first.filter(isOfEditor)).toEqual([]);
    expect(compressed(first)).toBeLessThan(40_000);
  });

  it('has nothing inline and nothing from elsewhere in its document', () => {
    expect(index).not.toMatch(/<style|<script(?![^>]*src=)| style=| on\w+=|https?:\/\//);
  });
});

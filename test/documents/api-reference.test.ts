import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiReference, declaredBySdk } from './api-reference.ts';
import { declarationsIn } from './declarations.ts';
import { ROOT, read } from './documents.ts';

describe('the API reference', () => {
  it('is what the comments of the SDK say now; npm run docs:api writes it', () => {
    expect(read('docs/api-reference.md')).toBe(apiReference());
  });

  it('has every file of the SDK but the one that makes names global', () => {
    const files = globSync('lib/sdk/*.ts', { cwd: ROOT }).map((path) => basename(path));
    expect(declaredBySdk().length).toBe(files.filter((name) => name !== 'globals.ts').length);
  });

  it('says something of every name that is exported, and of every method', () => {
    const silent = declaredBySdk().flatMap(({ declarations }) =>
      declarations.flatMap(({ name, doc, members }) => [
        ...(doc === '' ? [name] : []),
        ...members.filter((member) => member.isMethod && member.doc === '').map((member) => `${name}.${member.name}`),
      ]),
    );
    expect(silent).toEqual([]);
  });
});

describe('declarations', () => {
  const source = `/** The file. */

/** One. @default 1 */
export interface One<T> extends Zero {
  /** In parts. */
  readonly part: {
    /** Deep. */
    deep?: T; // why
  };
  /** Does.
   *  @throws Error now and then */
  does(this: number, /* what */ value: T): void;
}
type Hidden = 1;
export type Two = { kind: 'a'; a: number } | { kind: 'b' };
`;

  it('are read with their comments and parts, as they are written', () => {
    expect(declarationsIn(join(ROOT, 'a.ts'), source)).toEqual({
      doc: 'The file.',
      declarations: [
        {
          name: 'One',
          head: 'interface One<T> extends Zero',
          doc: 'One. @default 1',
          members: [
            { name: 'part', signature: 'readonly part: { deep?: T; }', doc: 'In parts.', isMethod: false },
            { name: 'part.deep', signature: 'part.deep?: T', doc: 'Deep.', isMethod: false },
            {
              name: 'does',
              signature: 'does(this: number, value: T): void',
              doc: 'Does.\n@throws Error now and then',
              isMethod: true,
            },
          ],
        },
        {
          name: 'Two',
          head: "type Two = { kind: 'a'; a: number } | { kind: 'b' }",
          doc: '',
          members: [
            { name: 'kind', signature: "kind: 'a'", doc: '', isMethod: false },
            { name: 'a', signature: 'a: number', doc: '', isMethod: false },
            { name: 'kind', signature: "kind: 'b'", doc: '', isMethod: false },
          ],
        },
      ],
    });
  });

  it('of a source that cannot be read are an error with its file', () => {
    expect(() => declarationsIn('broken.ts', 'export interface {')).toThrow('broken.ts: ');
  });
});

import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../lib/bundle/problem-error.ts';
import { readSourceFiles } from '../../lib/bundle/source-files.ts';
import { type ZipBytesEntry, zipBytes } from './zip-bytes.ts';

const readZip = (archive: Uint8Array) => readSourceFiles('application/zip', archive);
const index: ZipBytesEntry = { name: 'index.ts', content: 'export {};' };

function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return 'none';
}
const zipProblem = (...entries: ZipBytesEntry[]): string => problemOf(() => readZip(zipBytes(entries)));

describe('a single file', () => {
  it('is the entry, named after its language', () => {
    expect(readSourceFiles('text/typescript', Buffer.from('let a'))).toEqual({
      entry: 'index.ts',
      files: new Map([['index.ts', 'let a']]),
    });
    expect(readSourceFiles('text/javascript', Buffer.from('')).entry).toBe('index.js');
  });

  it('is refused when it is not UTF-8', () => {
    expect(problemOf(() => readSourceFiles('text/typescript', Buffer.from([0xff, 0xfe])))).toBe('bundle.not_utf8');
  });

  it('is refused when it is one byte too large', () => {
    const read = (length: number) => problemOf(() => readSourceFiles('text/javascript', Buffer.alloc(length, ' ')));
    expect(read(10_000_000)).toBe('none');
    expect(read(10_000_001)).toBe('bundle.too_large');
  });
});

describe('an archive', () => {
  it('gives its modules by name, and leaves out folders and files that no module can import', () => {
    const archive = zipSync({
      'index.ts': strToU8('export {};'),
      'lib/rules.js': [strToU8('1'), { level: 0 }],
      'data/rates.json': strToU8('{}'),
      'README.md': new Uint8Array([0xff]),
      'lib/': new Uint8Array(),
    });
    const { entry, files } = readZip(archive);
    expect(entry).toBe('index.ts');
    expect([...files.keys()].toSorted()).toEqual(['data/rates.json', 'index.ts', 'lib/rules.js']);
    expect(files.get('lib/rules.js')).toBe('1');
  });

  it('may have index.js as its entry, a comment, and names beyond ASCII', () => {
    const { entry, files } = readZip(
      zipBytes([{ name: 'index.js' }, { name: 'größe.ts', content: 'ß' }], { comment: 'hi' }),
    );
    expect(entry).toBe('index.js');
    expect(files.get('größe.ts')).toBe('ß');
  });

  it('may hold what the Finder adds', () => {
    expect(zipProblem(index, { name: '__MACOSX/._index.ts', content: Buffer.from([0, 0xff]) })).toBe('none');
  });

  it.each([
    ['../index.ts', 'bundle.zip_traversal'],
    ['lib/../../secret.ts', 'bundle.zip_traversal'],
    ['lib\\..\\secret.ts', 'bundle.zip_traversal'],
    ['..', 'bundle.zip_traversal'],
    ['/etc/passwd', 'bundle.zip_absolute'],
    ['\\\\host\\share.ts', 'bundle.zip_absolute'],
    ['C:/secret.ts', 'bundle.zip_absolute'],
    ['lib\\rules.ts', 'bundle.zip_odd_entry'],
    ['./index.ts', 'bundle.zip_odd_entry'],
    ['lib//rules.ts', 'bundle.zip_odd_entry'],
    ['', 'bundle.zip_odd_entry'],
    ['a\u0000.ts', 'bundle.zip_odd_entry'],
    ['a\n.ts', 'bundle.zip_odd_entry'],
    ['source:index.ts', 'bundle.zip_odd_entry'],
    [`${'a'.repeat(253)}.ts`, 'bundle.zip_odd_entry'],
  ])('is refused for the name %j', (name, code) => {
    expect(zipProblem(index, { name })).toBe(code);
  });

  it.each<[string, Partial<ZipBytesEntry>, string]>([
    ['a link', { mode: 0o120777 }, 'bundle.zip_link'],
    ['a device', { mode: 0o020666 }, 'bundle.zip_odd_entry'],
    ['a named pipe', { mode: 0o010666 }, 'bundle.zip_odd_entry'],
    ['an encrypted entry', { flags: 0x0801 }, 'bundle.zip_encrypted'],
    ['a strongly encrypted entry', { flags: 0x0841 }, 'bundle.zip_encrypted'],
    ['an unknown compression', { method: 14 }, 'bundle.zip_odd_entry'],
    [
      'a name that is neither ASCII nor UTF-8',
      { name: Buffer.from([0x81, 0x2e, 0x74, 0x73]), flags: 0 },
      'bundle.zip_odd_entry',
    ],
    ['a name that is wrongly marked as UTF-8', { name: Buffer.from([0xff, 0x2e, 0x74, 0x73]) }, 'bundle.zip_odd_entry'],
    ['a folder with content', { name: 'lib/', mode: 0o040755 }, 'bundle.zip_odd_entry'],
    ['content that is not UTF-8', { content: Buffer.from([0xc3, 0x28]) }, 'bundle.not_utf8'],
    ['a wrong checksum', { crc: 1 }, 'bundle.zip_invalid'],
    ['two names in two places', { localName: 'other.ts' }, 'bundle.zip_invalid'],
    ['two kinds of flags in two places', { localFlags: 0 }, 'bundle.zip_invalid'],
    ['a stored entry of two sizes', { method: 0, declaredSize: 3 }, 'bundle.zip_invalid'],
    ['more content than declared', { declaredSize: 2 }, 'bundle.zip_invalid'],
    ['less content than declared', { declaredSize: 20 }, 'bundle.zip_invalid'],
  ])('is refused for %s', (_, fields, code) => {
    expect(zipProblem(index, { name: 'a.ts', content: 'export {};', ...fields })).toBe(code);
  });

  it('is refused when it has a name twice', () => {
    expect(zipProblem(index, index)).toBe('bundle.zip_duplicate');
  });

  it('is refused without an entry, with a hint when the folder itself was packed', () => {
    expect(zipProblem({ name: 'main.ts' })).toBe('bundle.no_entry');
    expect(problemOf(() => readZip(zipBytes([])))).toBe('bundle.no_entry');
    expect(() => readZip(zipBytes([{ name: 'shop/index.ts' }]))).toThrow(/zip what is in the folder/);
  });

  it('is refused when it has two entries', () => {
    expect(zipProblem(index, { name: 'index.js' })).toBe('bundle.ambiguous_entry');
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('export class Hello {}')],
    ['the end of an archive alone, which counts entries that are not there', zipBytes([], { count: 3 })],
    ['a directory that is cut', zipBytes([index]).subarray(0, -30)],
    ['something before the archive', Buffer.concat([Buffer.from('#!/bin/sh\n'), zipBytes([index])])],
    ['something after the archive', Buffer.concat([zipBytes([index]), Buffer.from('x')])],
    ['fewer entries than there are', zipBytes([index, { name: 'b.ts' }], { count: 1 })],
  ])('is refused when it is %s', (_, archive) => {
    expect(problemOf(() => readZip(archive))).toBe('bundle.zip_invalid');
  });

  it('is refused, not misread, whichever byte of it is changed', () => {
    const archive = zipBytes([index, { name: 'lib/a.ts', content: 'a'.repeat(50) }]);
    for (let at = 0; at < archive.length; at += 1) {
      const damaged = Uint8Array.from(archive);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      // Some bytes mean nothing here, such as a date; what counts is that no other error comes and no content differs.
      const code = problemOf(() => {
        const { files } = readZip(damaged);
        for (const text of files.values()) expect(['export {};', 'a'.repeat(50)]).toContain(text);
      });
      expect(code).toMatch(/^(?:none|bundle\.[a-z_0-9]+)$/);
    }
  });
});

describe('a bomb', () => {
  it('of many entries is refused by its count', () => {
    const many = Array.from({ length: 1_001 }, (_, at) => ({ name: `${at}.ts` }));
    expect(zipProblem(...many)).toBe('bundle.zip_too_many_files');
  });

  it('of one byte repeated is refused by its ratio', () => {
    expect(zipProblem(index, { name: 'a.ts', content: ' '.repeat(1_000_000) })).toBe('bundle.zip_ratio');
  });

  it('that declares little is stopped while it is unpacked', () => {
    expect(zipProblem(index, { name: 'a.ts', content: ' '.repeat(50_000_000), declaredSize: 10 })).toBe(
      'bundle.zip_invalid',
    );
  });

  it('of many large files is refused by its sum', () => {
    const half = Buffer.alloc(5_500_000, 'ab');
    const entries = [index, { name: 'a.ts', content: half, method: 0 }, { name: 'b.ts', content: half, method: 0 }];
    expect(zipProblem(...entries)).toBe('bundle.zip_too_large');
  });

  it('whose entries share their bytes is refused', () => {
    expect(zipProblem(index, { ...index, sharesDataOf: 0, name: 'copy.ts' })).toBe('bundle.zip_invalid');
    expect(zipProblem({ name: 'index.ts' }, { name: 'index.ts', sharesDataOf: 0 })).toBe('bundle.zip_duplicate');
  });

  it('in a file that no module can import costs nothing', () => {
    expect(zipProblem(index, { name: 'huge.bin', content: Buffer.alloc(30_000_000) })).toBe('none');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { URL as OurURL } from '../../../lib/guest/web/url.ts';
import { useIsolate } from './isolate.ts';

const { same } = useIsolate();

const parts = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

const fragments = [
  ...['http:', 'https:', 'file:', 'custom:', 'mailto:', 'ws:', 'blob:', 'http://', 'https://', 'file://', 'custom://'],
  ...['//', '/', '\\', '?', '#', '@', ':', ':80', ':443', ':8080', ':99999', 'a', 'b.c', 'EXAMPLE', 'localhost', 'q=1'],
  ...['..', '.', '%2e', '%2E%2e', '%41', '%zz', '%00', 'C:', 'c|', '[::1]', '[1:2:3::]', '[::ffff:1.2.3.4]', '1.2.3.4'],
  ...[
    '0x7f.1',
    '256',
    '08',
    '0300',
    'ü',
    '日本',
    'ß',
    'Ⅷ',
    '。',
    '\u{1f600}',
    '\ud800',
    '\u00ad',
    ' ',
    '\t',
    '\n',
    '\0',
  ],
  ...'^`{}|"<>\'~!$&+,;=*_-()'.split(''),
];
const bases = [
  undefined,
  'http://user:pw@ex.com:8080/a/b/c?q#f',
  'file:///C:/dir/x',
  'file://host/a/b',
  'mailto:x@y',
  'custom://h/p/q?z',
  'custom:/p/q',
  'data:text/plain,hi',
];

type UrlClass = new (input: string, base?: string) => URL;

const make = (UrlClass: UrlClass, input: string, base: string | undefined): URL | undefined => {
  try {
    return new UrlClass(input, base);
  } catch {
    return undefined;
  }
};
const show = (url: URL | undefined) => url && parts.map((part) => url[part]);

describe('URL', () => {
  it('parses what Node parses, into the same parts, and refuses what Node refuses', () => {
    const input = fc.array(fc.constantFrom(...fragments), { minLength: 0, maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(input, fc.constantFrom(...bases), (text, base) => {
        expect(show(make(OurURL as unknown as UrlClass, text, base))).toEqual(show(make(URL, text, base)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('sets parts as Node sets them', () => {
    const value = fc.array(fc.constantFrom(...fragments), { minLength: 0, maxLength: 3 }).map((all) => all.join(''));
    const part = fc.constantFrom(...parts.filter((each) => each !== 'origin' && each !== 'href'));
    const start = fc.constantFrom(
      ...bases.filter((each) => each !== undefined),
      'http://a/',
      'ws://h:81/?x',
      'a:b',
      'a:///',
    );
    fc.assert(
      fc.property(start, fc.array(fc.tuple(part, value), { maxLength: 3 }), (text, changes) => {
        const [node, ours] = [new URL(text), new OurURL(text) as unknown as URL];
        for (const [name, to] of changes) {
          node[name] = to;
          ours[name] = to;
        }
        expect(show(ours)).toEqual(show(node));
      }),
      { numRuns: 3_000 },
    );
  });

  same('takes names in other scripts by punycode', () =>
    [
      'http://Bücher.example/',
      'http://faß.de',
      'http://日本語。jp',
      'http://☃.net',
      'http://xn--mnchen-3ya.de',
      'http://ΣΑΣ.gr',
    ].map((text) => new URL(text).host),
  );

  same('is a TypeError where the text is no URL', ({ thrown }) => [
    thrown(() => new URL('nope')),
    thrown(() => new URL('http://[::1')),
    thrown(() => Reflect.construct(URL, [])),
    URL.canParse('nope'),
    URL.canParse('nope', 'http://a'),
    URL.parse('nope'),
    URL.parse('x', 'http://a/b/')?.href,
  ]);

  same('keeps its searchParams and its query in step', () => {
    const url = new URL('http://a/?x=1&y=2#h');
    const params = url.searchParams;
    params.append('z', 'ä &');
    const first = url.href;
    url.search = '?only=1';
    const second = [...params];
    params.delete('only');
    return [first, second, url.href, url.searchParams === params, JSON.stringify({ url })];
  });
});

describe('URLSearchParams', () => {
  same('reads text, pairs and records', () => [
    [...new URLSearchParams('?a=1&b=%C3%A4+x&&c&=d&%zz')],
    [
      ...new URLSearchParams([
        ['a', 'b'],
        ['a', 'c'],
      ]),
    ],
    [...new URLSearchParams({ x: '1', ü: '~!' })],
    [...new URLSearchParams(new URLSearchParams('a=1'))],
  ]);

  same('writes the form encoding', () =>
    new URLSearchParams([
      ['a b', "!'()~*-._"],
      ['ü', '\u{1f600}&=+'],
      ['', ''],
    ]).toString(),
  );

  same('gets, sets, deletes, sorts and counts', () => {
    const params = new URLSearchParams('b=1&a=2&b=3&c=4');
    params.set('b', '9');
    params.delete('c', 'nope');
    const has = [params.has('b', '9'), params.has('b', '1'), params.size, params.get('zz'), params.getAll('b')];
    params.append('a', '1');
    params.sort();
    const walked: string[] = [];
    params.forEach((value, name) => {
      walked.push(`${name}${value}`);
    });
    return [has, params.toString(), walked, [...params.keys()], [...params.values()]];
  });

  same('refuses a pair that is none', ({ thrown }) => [
    thrown(() => Reflect.construct(URLSearchParams, [[['a']]])),
    thrown(() => Reflect.construct(URLSearchParams, [['ab', 'cde']])),
  ]);
});

import type { AwsAnswer } from '../contract.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** An element: nested ones, or a text. */
export type XmlChild = readonly [name: string, content: string | number | boolean | readonly XmlChild[]];

export const xmlAnswer = (root: string, children: readonly XmlChild[]): AwsAnswer => ({
  headers: { 'content-type': 'application/xml' },
  body: `${HEAD}<${root} xmlns="${NAMESPACE}">${children.map(elementText).join('')}</${root}>`,
});

const elementText = ([name, content]: XmlChild): string =>
  `<${name}>${Array.isArray(content) ? content.map(elementText).join('') : escapeText(String(content))}</${name}>`;

// Control characters have no other way through XML.
const escapeText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be escaped
  text.replace(/[&<>"\u0000-\u001f]/g, (char) => `&#${char.charCodeAt(0)};`);

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Of text between tags. */
export const unescapeText = (text: string): string =>
  text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED[name ?? ''] ?? whole;
  });

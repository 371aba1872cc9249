import type { Fields, FieldType, Value } from './flow.ts';

/** What may be referred to at a place of the flow: the payload, and the nodes that were passed on the way there. */
export type Scope = ReadonlyMap<string, Fields>;

export interface Code {
  readonly code: string;
  readonly type: FieldType | 'object';
}

const REFERENCE = /\{\{([^{}]*)\}\}/g;
const PLACE = /^ *([a-z][a-zA-Z0-9]*)\.([a-zA-Z][a-zA-Z0-9]*) *$/;

/** A text as a literal, whatever it holds. */
export const quoted = (text: string): string => {
  const json = JSON.stringify(text);
  if (text.includes("'") && !text.includes('"')) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
};

const inTemplate = (text: string): string =>
  JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('`', '\\`').replaceAll('${', '\\${');

/**
 * A node's id with a sign before it, which no word of the language and no name of the compiled module has.
 */
export const variable = (id: string): string => `$${id}`;

/** A value as an expression. `refuse` is told of what cannot be referred to here. */
export const toCode = (value: Value, scope: Scope, refuse: (message: string) => void): Code => {
  if (typeof value === 'number') return { code: String(value), type: 'number' };
  if (typeof value === 'boolean') return { code: String(value), type: 'boolean' };
  if (typeof value === 'string') return textToCode(value, scope, refuse);
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${toCode(field, scope, refuse).code},`);
  return { code: fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n}`, type: 'object' };
};

/** The address of a request: what is referred to is one part of it, and cannot become two. */
export const urlToCode = (url: string, scope: Scope, refuse: (message: string) => void): string =>
  template(url, scope, refuse, (code) => `encodeURIComponent(${code})`);

const textToCode = (text: string, scope: Scope, refuse: (message: string) => void): Code => {
  const [whole] = text.matchAll(REFERENCE);
  if (whole?.[0] === text) return reference(whole[1] ?? '', scope, refuse);
  return { code: template(text, scope, refuse, (code) => code), type: 'string' };
};

const template = (
  text: string,
  scope: Scope,
  refuse: (message: string) => void,
  wrap: (code: string) => string,
): string => {
  // Every second part is what a reference names.
  const parts = text.split(REFERENCE);
  if (parts.length === 1) return quoted(text);
  const written = parts.map((part, index) =>
    index % 2 === 0 ? inTemplate(part) : `\${${wrap(reference(part, scope, refuse).code)}}`,
  );
  return `\`${written.join('')}\``;
};

const reference = (text: string, scope: Scope, refuse: (message: string) => void): Code => {
  const [, id = '', field = ''] = PLACE.exec(text) ?? [];
  const type = scope.get(id)?.get(field);
  if (type !== undefined) return { code: `${variable(id)}.${field}`, type };
  const known = [...scope].flatMap(([name, fields]) => [...fields.keys()].map((key) => `${name}.${key}`));
  refuse(`{{${text}}} is not known here; known are ${known.join(', ') || 'none'}`);
  return { code: 'undefined', type: 'string' };
};

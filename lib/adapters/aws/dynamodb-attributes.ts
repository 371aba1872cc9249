import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** All that rows hold: anything deeper is JSON text, which also keeps text that is no well-formed Unicode. */
export type RowValue = string | number | Uint8Array;
export type Row = Readonly<Record<string, RowValue>>;

const toAttribute = (value: RowValue): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { B: value };
};

const fromAttribute = (name: string, value: AttributeValue): RowValue => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.B !== undefined) return value.B;
  throw new Error(`An attribute of a kind that no row holds: ${name}`);
};

export const toAttributes = (row: Row): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toAttribute(value)]));

export const fromAttributes = (attributes: Readonly<Record<string, AttributeValue>>): Row =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttribute(name, value)]));

/** Values of an expression, by their names without the colon. */
export const valuesOf = (values: Readonly<Record<string, RowValue>>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, toAttribute(value)]));

/** `#name` in an expression stands for the attribute `name`, reserved word or not; `undefined`: there is none. */
export const namesIn = (text: string): Record<string, string> | undefined => {
  const names = [...text.matchAll(/#(\w+)/g)].map(([placeholder, name = '']) => [placeholder, name] as const);
  return names.length === 0 ? undefined : Object.fromEntries(names);
};

export const textIn = (row: Row, name: string): string => {
  const value = row[name];
  if (typeof value !== 'string') throw new Error(`A row without the text ${name}: ${String(row.pk)} ${String(row.sk)}`);
  return value;
};

export const numberIn = (row: Row, name: string): number => {
  const value = row[name];
  if (typeof value !== 'number')
    throw new Error(`A row without the number ${name}: ${String(row.pk)} ${String(row.sk)}`);
  return value;
};

export const numberOr = (row: Row, name: string): number | undefined => {
  const value = row[name];
  return typeof value === 'number' ? value : undefined;
};

/** What a value of the API is, with what stands inside it. */
export type ValueShape =
  | { readonly kind: 'plain'; readonly text: string; readonly type: 'string' | 'number' | 'boolean' | 'null' }
  /** `type`: of the tenant's language, such as `Date`; `text` says its value. */
  | { readonly kind: 'typed'; readonly type: string; readonly text: string }
  | { readonly kind: 'list'; readonly type: string; readonly entries: readonly ValueEntry[] }
  | { readonly kind: 'fields'; readonly type: string; readonly entries: readonly ValueEntry[] };

export interface ValueEntry {
  readonly name: string;
  readonly value: unknown;
}

/** The shapes by which the API shows what JSON has none for (`lib/http/values.ts`). */
export const shapeOf = (value: unknown): ValueShape => {
  if (value === null || value === undefined) return { kind: 'plain', type: 'null', text: 'null' };
  if (typeof value === 'string') return { kind: 'plain', type: 'string', text: value };
  if (typeof value === 'number') return { kind: 'plain', type: 'number', text: `${value}` };
  if (typeof value === 'boolean') return { kind: 'plain', type: 'boolean', text: `${value}` };
  if (Array.isArray(value)) return { kind: 'list', type: `Array(${value.length})`, entries: indexed(value) };
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  if (names.length === 2 && typeof fields.$type === 'string' && 'value' in fields) {
    return typedShape(fields.$type, fields.value) ?? ofFields('Object', fields);
  }
  return ofFields('Object', fields);
};

const indexed = (items: readonly unknown[]): readonly ValueEntry[] =>
  items.map((value, at) => ({ name: `${at}`, value }));

const ofFields = (type: string, fields: Readonly<Record<string, unknown>>): ValueShape => ({
  kind: 'fields',
  type,
  entries: Object.entries(fields).map(([name, value]) => ({ name, value })),
});

/** `undefined`: the tenant's own object, which happens to look like one of them. */
const typedShape = (type: string, value: unknown): ValueShape | undefined => {
  const typed = (text: string): ValueShape => ({ kind: 'typed', type, text });
  switch (type) {
    case 'Date':
      return typed(value === null ? 'invalid' : `${value}`);
    case 'BigInt':
      return typed(`${value}n`);
    case 'RegExp':
    case 'Number':
      return typed(`${value}`);
    case 'Undefined':
      return typed('undefined');
    case 'Reference':
      return typed(`the same as ${value}`);
    case 'Omitted':
      return typed(`left out: ${value}`);
    case 'Bytes':
      return typeof value === 'string' ? typed(bytesText(value)) : undefined;
    case 'Stream':
      return typed(`${(value as { readonly bytes?: number } | null)?.bytes ?? '?'} bytes`);
    case 'Set':
      return Array.isArray(value) ? { kind: 'list', type: `Set(${value.length})`, entries: indexed(value) } : undefined;
    case 'Map':
      return Array.isArray(value) ? { kind: 'fields', type: `Map(${value.length})`, entries: pairs(value) } : undefined;
    case 'Error':
      return typeof value === 'object' && value !== null ? ofFields('Error', { ...value }) : undefined;
    default:
      return undefined;
  }
};

const pairs = (items: readonly unknown[]): readonly ValueEntry[] =>
  items.map((item) => {
    const [key, value] = Array.isArray(item) ? item : [];
    return { name: keyText(key), value };
  });

const keyText = (key: unknown): string => {
  if (typeof key === 'string') return JSON.stringify(key);
  const shape = shapeOf(key);
  return 'text' in shape ? shape.text : JSON.stringify(key);
};

const MAX_BASE64_SHOWN = 48;

const bytesText = (base64: string): string => {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  const bytes = (base64.length / 4) * 3 - padding;
  const shown = base64.length > MAX_BASE64_SHOWN ? `${base64.slice(0, MAX_BASE64_SHOWN)}…` : base64;
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'} ${shown}`.trim();
};

const MAX_PREVIEW = 60;

/** One line that says what is inside without opening it. */
export const summaryOf = (shape: ValueShape): string => {
  if (shape.kind === 'plain') return shape.type === 'string' ? JSON.stringify(shape.text) : shape.text;
  if (shape.kind === 'typed') return `${shape.type} ${shape.text}`;
  const { type, entries } = shape;
  if (entries.length === 0) return shape.kind === 'list' ? type : `${type === 'Object' ? '' : `${type} `}{}`;
  let inside = '';
  for (const { name, value } of entries) {
    const part = shape.kind === 'list' ? innerSummary(value) : `${name}: ${innerSummary(value)}`;
    if (inside.length + part.length > MAX_PREVIEW) {
      inside += inside === '' ? '…' : ', …';
      break;
    }
    inside += inside === '' ? part : `, ${part}`;
  }
  if (shape.kind === 'list') return `${type} [${inside}]`;
  return `${type === 'Object' ? '' : `${type} `}{ ${inside} }`;
};

/** What is deeper is not unfolded: a line has an end. */
const innerSummary = (value: unknown): string => {
  const shape = shapeOf(value);
  if ('text' in shape) return summaryOf(shape);
  return shape.kind === 'list' ? shape.type : `${shape.type === 'Object' ? '' : `${shape.type} `}{…}`;
};

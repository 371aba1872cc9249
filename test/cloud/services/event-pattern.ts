/** What an event must say: at each name a list of what is accepted there, or a pattern for what lies below. */
export type EventPattern = { readonly [name: string]: EventPattern | readonly ValuePattern[] };

type ValuePattern = string | number | boolean | null | { readonly prefix: string } | { readonly wildcard: string };

/** @throws Error where it says what the local cloud would not look at */
export const readEventPattern = (pattern: unknown, path = 'EventPattern'): EventPattern => {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new Error(`${path} must be an object.`);
  }
  for (const [name, inner] of Object.entries(pattern)) {
    const place = `${path}.${name}`;
    if (name.startsWith('$')) throw new Error(`${place}: the local cloud does not know it.`);
    if (!Array.isArray(inner)) readEventPattern(inner, place);
    else if (inner.length === 0) throw new Error(`${place}: an empty list matches nothing.`);
    else for (const value of inner) checkValuePattern(value, place);
  }
  return pattern as EventPattern;
};

const checkValuePattern = (value: unknown, place: string): void => {
  if (typeof value !== 'object' || value === null) return;
  const [[kind, operand] = [], ...others] = Object.entries(value);
  const isKnown = (kind === 'prefix' || kind === 'wildcard') && typeof operand === 'string' && others.length === 0;
  if (!isKnown) throw new Error(`${place}: the local cloud does not know ${JSON.stringify(value)}.`);
  if (kind === 'wildcard' && /\*\*|\\/.test(operand)) throw new Error(`${place}: no "**" and no "\\" in a wildcard.`);
};

export const matchesEvent = (pattern: EventPattern, event: unknown): boolean =>
  Object.entries(pattern).every(([name, inner]) => {
    if (typeof event !== 'object' || event === null) return false;
    const value: unknown = Reflect.get(event, name);
    if (!Array.isArray(inner)) return matchesEvent(inner as EventPattern, value);
    // Of a list in the event one item is enough.
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((one) => inner.some((accepted: ValuePattern) => matchesValue(accepted, one)));
  });

const matchesValue = (pattern: ValuePattern, value: unknown): boolean => {
  if (typeof pattern !== 'object' || pattern === null) return pattern === value;
  if (typeof value !== 'string') return false;
  if ('prefix' in pattern) return value.startsWith(pattern.prefix);
  return wildcardText(pattern.wildcard).test(value);
};

const wildcardText = (wildcard: string): RegExp =>
  new RegExp(`^${wildcard.split('*').map(escapeRegExp).join('.*')}$`, 's');

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

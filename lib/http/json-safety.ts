import { invalidField } from '../core/errors.ts';

/** Encoders and the guest walk values by recursion; nobody's data is as deep as this. */
export const MAX_JSON_DEPTH = 500;

/** The way from the root to a part, last key first. */
interface Trail {
  readonly key: string | number;
  readonly parent: Trail | undefined;
}

interface Part {
  readonly value: unknown;
  readonly trail: Trail | undefined;
  readonly depth: number;
}

/**
 * Refuses what parsed JSON may hold and values may not: a key `__proto__`, and nesting without end. `text` is what it
 * was parsed from, and lets nearly every body pass without a walk.
 * @throws TenonError `request.invalid` that names the place
 */
export const refuseUnsafeJson = (value: unknown, text: string): void => {
  // A key can also be written with escapes. A level of nesting takes two characters.
  const mayHoldProto = text.includes('__proto__') || text.includes('\\u');
  if (!mayHoldProto && text.length <= 2 * MAX_JSON_DEPTH) return;

  const parts: Part[] = [{ value, trail: undefined, depth: 0 }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const { value: current, trail, depth } = part;
    if (typeof current !== 'object' || current === null) continue;
    if (depth >= MAX_JSON_DEPTH) {
      throw invalidField(`${pathOf(trail).slice(0, 100)}…`, `Values are nested at most ${MAX_JSON_DEPTH} levels deep.`);
    }
    if (Array.isArray(current)) {
      for (const [key, item] of current.entries()) push(parts, item, key, part);
      continue;
    }
    for (const key of Object.keys(current)) {
      if (key === '__proto__') {
        throw invalidField(pathOf({ key, parent: trail }), 'A key `__proto__` is refused. Rename it.');
      }
      push(parts, (current as Record<string, unknown>)[key], key, part);
    }
  }
};

const push = (parts: Part[], value: unknown, key: string | number, { trail, depth }: Part): void => {
  if (typeof value === 'object' && value !== null)
    parts.push({ value, trail: { key, parent: trail }, depth: depth + 1 });
};

const pathOf = (trail: Trail | undefined): string => {
  const keys: (string | number)[] = [];
  for (let step = trail; step !== undefined; step = step.parent) keys.push(step.key);
  return fieldPath(keys.reverse());
};

/** `instances[0].params.x`: how an answer names a place in a body. */
export const fieldPath = (keys: readonly (string | number)[]): string =>
  keys.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    '',
  );

import { invalidField } from '../../core/errors.ts';

/** The place after which a page goes on, in an order by time and then by name. */
export interface Place {
  /** Epoch ms. */
  readonly at: number;
  readonly name: string;
}

/** Opaque to callers, and no secret: a tenant's own place in its own list. */
export const encodeCursor = (place: Place): string =>
  Buffer.from(JSON.stringify([place.at, place.name])).toString('base64url');

/** Throws `request.invalid` for what `encodeCursor` did not make. */
export const decodeCursor = (cursor: string): Place => {
  const refused = invalidField('cursor', 'The cursor is not one that a list gave. Leave it out to start at the top.');
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refused;
  }
  if (!Array.isArray(parts) || parts.length !== 2) throw refused;
  const [at, name] = parts as unknown[];
  if (!Number.isSafeInteger(at) || typeof name !== 'string') throw refused;
  return { at: at as number, name };
};

/** Cuts rows read one beyond `limit` to a page; the cursor is there only where more follows. */
export const toPage = <T>(
  rows: readonly T[],
  limit: number,
  placeOf: (row: T) => Place,
): { readonly items: readonly T[]; readonly cursor?: string } => {
  if (rows.length <= limit) return { items: rows };
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return last === undefined ? { items } : { items, cursor: encodeCursor(placeOf(last)) };
};

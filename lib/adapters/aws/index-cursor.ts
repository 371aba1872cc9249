import { invalidField } from '../../core/errors.ts';

/** The place after which a page goes on: a sort key of the list index. Opaque to callers, and no secret. */
export const encodeCursor = (sortKey: string): string => Buffer.from(sortKey).toString('base64url');

/** Throws `request.invalid` for what `encodeCursor` did not make of a sort key of that form. */
export const decodeCursor = (cursor: string, form: RegExp): string => {
  const sortKey = Buffer.from(cursor, 'base64url').toString();
  if (encodeCursor(sortKey) !== cursor || !form.test(sortKey)) {
    throw invalidField('cursor', 'The cursor is not one that a list gave. Leave it out to start at the top.');
  }
  return sortKey;
};

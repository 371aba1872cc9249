import { stringify } from 'devalue';
import { TenonError } from '../core/errors.ts';
import { MAX_VALUE_BYTES } from '../core/limits.ts';

/**
 * JSON can be written shorter than `JSON.stringify` writes it (`1e20` has 4 characters against 21), but never by more
 * than this factor.
 */
const LARGEST_GROWTH = 6;

/**
 * A JSON value of a caller in encoded form. `textBytes`: size of the body that it came in, which lets small ones pass
 * without being measured.
 * @throws TenonError `payload.too_large` above 1,048,576 bytes of JSON text
 */
export const encodeInput = (value: unknown, what: string, textBytes: number): string => {
  if (textBytes * LARGEST_GROWTH > MAX_VALUE_BYTES && Buffer.byteLength(JSON.stringify(value)) > MAX_VALUE_BYTES) {
    throw new TenonError(
      'payload.too_large',
      `${what} has more than ${MAX_VALUE_BYTES} bytes of JSON text. Send less.`,
    );
  }
  return stringify(value);
};

import { randomBytes } from 'node:crypto';

/** Text that no compression makes smaller than three quarters. */
export const randomText = (length: number): string => randomBytes(length).toString('base64').slice(0, length);

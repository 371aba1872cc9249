import { lengthText } from '../../client/wording.ts';

/** `5 s ago`, `in 6 d 23 h`, `now`. */
export const relativeText = (at: string, now: number): string => {
  const ms = Date.parse(at) - now;
  if (Math.abs(ms) < 1_000) return 'now';
  // Seconds are whole, so that a table that counts them does not flicker.
  const length = lengthText(Math.floor(Math.abs(ms) / 1_000) * 1_000);
  return ms > 0 ? `in ${length}` : `${length} ago`;
};

/** `rollingBack` as `rolling back`. */
export const wordsOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Small amounts keep their digits: `$0.000213`, but `$0.168` and `$12.40`. */
export const moneyText = (amount: number, currency: string): string => {
  const size = Math.abs(amount);
  const maximumFractionDigits = size === 0 || size >= 1 ? 2 : size < 0.01 ? 6 : 4;
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits }).format(amount);
};

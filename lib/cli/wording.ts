import { lengthText } from '../client/wording.ts';

/** Moments and tables as a person reads them in a terminal. */

export const agoText = (at: string, now: number): string => {
  const ms = now - Date.parse(at);
  return ms < 1_000 ? 'just now' : `${lengthText(ms)} ago`;
};

/** `in 6 d 23 h`, or `due now`. */
export const inText = (at: string, now: number): string => {
  const ms = Date.parse(at) - now;
  return ms <= 0 ? 'due now' : `in ${lengthText(ms)}`;
};

/** `2026-11-27 14:02:05 UTC`. */
export const momentText = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;

/** Columns under their titles, two spaces between them. */
export const tableText = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [titles, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

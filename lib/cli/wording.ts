/** Lengths, moments and tables as a person reads them. */

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** `12 ms`, `1.5 s`, `3 min 2 s`, `6 d 23 h`: the two largest units. */
export const lengthText = (ms: number): string => {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  const index = UNITS.findIndex(([, unit]) => ms >= unit);
  const [name, unit] = UNITS[index] ?? ['s', 1_000];
  const smaller = UNITS[index + 1];
  const whole = Math.floor(ms / unit);
  const rest = smaller === undefined ? 0 : Math.floor((ms % unit) / smaller[1]);
  return rest === 0 || smaller === undefined ? `${whole} ${name}` : `${whole} ${name} ${rest} ${smaller[0]}`;
};

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

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Versions are 32 hex digits; the first ten tell them apart for a reader. */
export const versionText = (version: string): string => version.slice(0, 10);

export const sizeText = (bytes: number): string =>
  bytes < 1_000
    ? `${bytes} bytes`
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`;

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

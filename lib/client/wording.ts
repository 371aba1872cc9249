/** Lengths, amounts and names as a person reads them, in the terminal and on the page. */

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

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const sizeText = (bytes: number): string =>
  bytes < 1_000
    ? `${bytes} bytes`
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Versions are 32 hex digits; the first ten tell them apart for a reader. */
export const versionText = (version: string): string => version.slice(0, 10);

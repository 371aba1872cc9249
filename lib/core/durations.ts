import { DAY_MS, HOUR_MS, MAX_WAIT_MS, MINUTE_MS, SECOND_MS } from './limits.ts';

const UNIT_MS = {
  second: SECOND_MS,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  year: 365.25 * DAY_MS,
} as const;
const TEXT = /^(\d+(?:\.\d+)?) (second|minute|hour|day|week|month|year)s?$/;

export type ParsedDuration =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly problem: string };

/** A value as a person would write it in a message: short, and never a whole payload. */
export const showValue = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return `${value}`;
  if (typeof value === 'bigint') return `${value}n`;
  return `a value of type ${typeof value}`;
};

/** A number is milliseconds; a text is `"<n> <unit>"` with an optional plural s. Gives whole milliseconds. */
export const parseDuration = (value: unknown): ParsedDuration => {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? textMs(value) : Number.NaN;
  if (!Number.isFinite(ms) || ms < 0) {
    return {
      ok: false,
      problem: `${showValue(value)} is not a duration: write milliseconds as a number, or a text such as "10 seconds" or "1 hour"`,
    };
  }
  if (ms > MAX_WAIT_MS) return { ok: false, problem: `${showValue(value)} is longer than the limit of 366 days` };
  return { ok: true, ms: Math.ceil(ms) };
};

const textMs = (text: string): number => {
  const match = TEXT.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
};

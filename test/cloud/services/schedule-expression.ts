const UNITS_IN_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

export type ScheduleExpression =
  /** Epoch ms. */
  { readonly kind: 'at'; readonly at: number } | { readonly kind: 'rate'; readonly minutes: number };

/** `at(2026-11-25T12:00:00)` in UTC, or `rate(5 minutes)`; `undefined`: neither. */
export const parseScheduleExpression = (text: string): ScheduleExpression | undefined => {
  const [, instant] = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text) ?? [];
  if (instant !== undefined) {
    const at = Date.parse(`${instant}Z`);
    return Number.isNaN(at) ? undefined : { kind: 'at', at };
  }
  const [, count, unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(text) ?? [];
  const number = Number(count);
  // The service insists on the grammar: `1 minute`, `2 minutes`.
  if (count === undefined || number < 1 || (number === 1) !== (plural === '')) return undefined;
  return { kind: 'rate', minutes: number * (UNITS_IN_MINUTES[unit] ?? 0) };
};

const DAY_MS = 86_400_000;

/** UTC days such as `2026-01-31`, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DEFAULT_DAYS = 30;

/** What the address names, or the last thirty days. `now`: epoch ms. */
export const rangeOf = (query: Readonly<Record<string, string>>, now: number): DayRange => {
  const { from, to } = lastDays(DEFAULT_DAYS, now);
  return { from: dayOf(query.from) ?? from, to: dayOf(query.to) ?? to };
};

/** Today, UTC, and those before it. */
export const lastDays = (count: number, now: number): DayRange => ({
  from: new Date(now - (count - 1) * DAY_MS).toISOString().slice(0, 10),
  to: new Date(now).toISOString().slice(0, 10),
});

/** One for each day, where the report leaves out those on which nothing was used. */
export const everyDay = (
  { from, to }: DayRange,
  days: readonly { readonly day: string; readonly price: number }[],
): readonly { readonly day: string; readonly price: number }[] => {
  const prices = new Map(days.map(({ day, price }) => [day, price]));
  const count = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1);
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(Date.parse(from) + index * DAY_MS).toISOString().slice(0, 10);
    return { day, price: prices.get(day) ?? 0 };
  });
};

const dayOf = (text: string | undefined): string | undefined =>
  text !== undefined && DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;

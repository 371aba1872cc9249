/** Work in the words of all price lists. */
export type Work = Readonly<{ steps: number; sleeps: number; events: number }>;

/**
 * What others ask for the same work, by their own price lists. For them that is the orchestration alone: the functions or workers that
 * run the steps' code, storage and traffic come on top. `usdPerMillion`: from the lowest tier of volume to the highest price.
 */
export type PriceList = Readonly<{
  name: string;
  usdPerMillion: Readonly<{ low: number; high: number }>;
  unit: string;
  /** What is counted for an instance. */
  counts: string;
  unitsOf(work: Work): number;
}>;

export const priceLists: readonly PriceList[] = [
  {
    name: 'Step Functions Standard',
    usdPerMillion: { low: 25, high: 25 },
    unit: 'state transition',
    counts: 'each state that is entered: a task for a step, a wait for a sleep, a task with a callback for an event',
    unitsOf: ({ steps, sleeps, events }) => steps + sleeps + events,
  },
  {
    name: 'Lambda durable functions',
    usdPerMillion: { low: 8, high: 8 },
    unit: 'durable operation',
    counts: 'the start, each step, each wait, each callback',
    unitsOf: ({ steps, sleeps, events }) => 1 + steps + sleeps + events,
  },
  {
    name: 'Temporal Cloud',
    usdPerMillion: { low: 25, high: 50 },
    unit: 'action',
    counts: 'the start, each activity, each timer (the time limit of a wait is one), each signal',
    unitsOf: ({ steps, sleeps, events }) => 1 + steps + sleeps + 2 * events,
  },
];

/** Dollars for a million instances. */
export function listedDollars(list: PriceList, work: Work): Readonly<{ low: number; high: number }> {
  const units = list.unitsOf(work);
  return { low: units * list.usdPerMillion.low, high: units * list.usdPerMillion.high };
}

/** A slot as it stands in a store. `until`: epoch ms. */
export interface SlotRow {
  readonly slot: number;
  readonly incarnation: string;
  readonly token: string;
  readonly until: number;
}

/** Which slot an instance may ask for. `free`: the numbers that it can choose from, as many as may still be taken. */
export interface SlotChoice {
  /** Its own, of a turn that died or has just ended. */
  readonly own: SlotRow | undefined;
  readonly free: readonly number[];
}

/**
 * Every row that has not run out counts, whatever its number: a limit that was lowered holds as soon as those at work have
 * ended. Of two that choose the same number one gets it, by the store's condition.
 */
export const chooseSlot = (
  rows: readonly SlotRow[],
  { limit, now, incarnation }: { readonly limit: number; readonly now: number; readonly incarnation?: string },
): SlotChoice => {
  const taken = new Set<number>();
  let own: SlotRow | undefined;
  for (const row of rows) {
    if (row.until <= now) continue;
    taken.add(row.slot);
    if (row.incarnation === incarnation) own = row;
  }
  const left = limit - taken.size;
  const free: number[] = [];
  for (let slot = 0; free.length < left; slot += 1) if (!taken.has(slot)) free.push(slot);
  return { own, free };
};

/**
 * Whether an instance's own slot is another turn's that is at work: of the same message, or with a lease that ends later than
 * that of the one who asks, who has lost it without having noticed.
 */
export const isAnothers = (own: SlotRow, token: string, until: number): boolean =>
  own.token === token || own.until > until;

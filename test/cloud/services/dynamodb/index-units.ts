import { type Item, keyText, type RowWrite, type TableFacts } from './operations.ts';

/**
 * Write units of indexes, which the stand-in leaves out. An entry that comes or goes is one unit, one that moves is two,
 * keys being all that an index holds; an entry that stays where it is costs nothing.
 */
export class IndexUnits {
  /** Where rows stand in the indexes: row to a place for each index. */
  readonly #places = new Map<string, readonly (string | undefined)[]>();

  /** @returns units by the index's name, of those that were written */
  write({ table, key }: RowWrite, after: Item | undefined): Readonly<Record<string, number>> {
    const row = rowName(table, key);
    const old = this.#places.get(row) ?? [];
    const now = table.indexes.map(({ partitionKey, sortKey }) => placeOf(after, partitionKey, sortKey));
    if (now.some((place) => place !== undefined)) this.#places.set(row, now);
    else this.#places.delete(row);
    const units = table.indexes.map(({ name }, index) => [name, unitsOf(old[index], now[index])] as const);
    return Object.fromEntries(units.filter(([, count]) => count > 0));
  }
}

export const rowName = (table: TableFacts, key: Item): string =>
  JSON.stringify([table.name, keyText(key[table.partitionKey]), table.sortKey && keyText(key[table.sortKey])]);

/** A row that lacks a key of the index is not in it. */
const placeOf = (item: Item | undefined, partitionKey: string, sortKey: string | undefined): string | undefined => {
  const keys = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])].map((name) => keyText(item?.[name]));
  return keys.includes(undefined) ? undefined : JSON.stringify(keys);
};

const unitsOf = (old: string | undefined, now: string | undefined): number =>
  old === now ? 0 : Number(old !== undefined) + Number(now !== undefined);

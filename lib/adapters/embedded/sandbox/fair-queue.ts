/** What waits, tenant by tenant in turn: who asks for much waits behind who asks for little. */
export class FairQueue<Item extends { readonly tenant: string }> {
  /** In the order in which tenants come next. */
  readonly #waiting = new Map<string, Item[]>();

  add(item: Item): void {
    const items = this.#waiting.get(item.tenant);
    if (items === undefined) this.#waiting.set(item.tenant, [item]);
    else items.push(item);
  }

  countOf(tenant: string): number {
    return this.#waiting.get(tenant)?.length ?? 0;
  }

  /** The next one that may start; `undefined`: none may. Its tenant comes last from then on. */
  take(mayStart: (item: Item) => boolean): Item | undefined {
    for (const [tenant, items] of this.#waiting) {
      const index = items.findIndex(mayStart);
      const [item] = index < 0 ? [] : items.splice(index, 1);
      if (item === undefined) continue;
      this.#waiting.delete(tenant);
      if (items.length > 0) this.#waiting.set(tenant, items);
      return item;
    }
    return undefined;
  }

  removeTenant(tenant: string): readonly Item[] {
    const items = this.#waiting.get(tenant) ?? [];
    this.#waiting.delete(tenant);
    return items;
  }
}

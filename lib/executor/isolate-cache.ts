import type { GuestIsolate } from './guest-isolate.ts';

/** Idle isolates by tenant and version, least recently used first to go. Bounds are per executor process. */
export class IsolateCache {
  readonly #idle = new Map<string, GuestIsolate[]>();
  readonly #sizes = new Map<GuestIsolate, number>();
  readonly #maxBytes: number;
  readonly #maxIsolates: number;
  #bytes = 0;

  constructor(bounds: { readonly maxBytes: number; readonly maxIsolates: number }) {
    this.#maxBytes = bounds.maxBytes;
    this.#maxIsolates = bounds.maxIsolates;
  }

  get size(): number {
    return this.#sizes.size;
  }

  take(key: string): GuestIsolate | undefined {
    const list = this.#idle.get(key);
    const isolate = list?.pop();
    if (isolate === undefined || list === undefined) return undefined;
    if (list.length === 0) this.#idle.delete(key);
    this.#bytes -= this.#sizes.get(isolate) ?? 0;
    this.#sizes.delete(isolate);
    return isolate;
  }

  put(isolate: GuestIsolate, bytes: number, now: number): void {
    isolate.usedAt = now;
    const list = this.#idle.get(isolate.key);
    if (list === undefined) this.#idle.set(isolate.key, [isolate]);
    else list.push(isolate);
    this.#sizes.set(isolate, bytes);
    this.#bytes += bytes;
    this.#shrink();
  }

  /** What an isolate turned out to take, if it is still idle. */
  resize(isolate: GuestIsolate, bytes: number): void {
    const before = this.#sizes.get(isolate);
    if (before === undefined) return;
    this.#sizes.set(isolate, bytes);
    this.#bytes += bytes - before;
    this.#shrink();
  }

  evictWhere(isUnwanted: (isolate: GuestIsolate) => boolean): void {
    for (const isolate of [...this.#sizes.keys()]) if (isUnwanted(isolate)) this.#evict(isolate);
  }

  /** Lets go of what only a burst needed: one isolate a version stays, the others when they have rested that long. */
  trim(now: number, restMs: number): void {
    for (const list of [...this.#idle.values()]) {
      for (const isolate of list.slice(0, -1)) if (now - isolate.usedAt > restMs) this.#evict(isolate);
    }
  }

  #shrink(): void {
    while (this.#bytes > this.#maxBytes || this.#sizes.size > this.#maxIsolates) {
      // Insertion order of `#sizes` is the order of last use, since an isolate enters it anew each time.
      const oldest = this.#sizes.keys().next().value;
      if (oldest === undefined) return;
      this.#evict(oldest);
    }
  }

  #evict(isolate: GuestIsolate): void {
    this.#bytes -= this.#sizes.get(isolate) ?? 0;
    this.#sizes.delete(isolate);
    const list = this.#idle.get(isolate.key)?.filter((other) => other !== isolate) ?? [];
    if (list.length === 0) this.#idle.delete(isolate.key);
    else this.#idle.set(isolate.key, list);
    isolate.dispose();
  }
}

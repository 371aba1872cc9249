/** What a tenant is known for, and for how long, ms. */
const HEAVY_MS = 60_000;
const SUSPECT_MS = 60_000;
const STRUCK_MS = 600_000;
/** Tenants remembered; the oldest are forgotten first. */
const MAX_TENANTS = 10_000;
/** From so many strikes on a tenant runs alone. */
const ALONE_AT = 2;

interface Known {
  heavyUntil: number;
  suspectUntil: number;
  strikes: number;
  struckUntil: number;
}

export type Standing =
  /** Beside everybody else. */
  | 'shared'
  /** Beside others like it, behind everybody else. */
  | 'slow'
  /** In a process of its own. */
  | 'alone';

/** Which tenants have used much, and which have cost a process: so much only as decides beside whom their next turns run. */
export class Reputation {
  readonly #known = new Map<string, Known>();

  /** `strikes`: those that are written down, of other processes too. */
  standingOf(tenant: string, now: number, strikes = 0): Standing {
    const known = this.#known.get(tenant);
    const struck = known !== undefined && known.struckUntil > now ? known.strikes : 0;
    if (Math.max(struck, strikes) >= ALONE_AT || (known?.suspectUntil ?? 0) > now) return 'alone';
    return (known?.heavyUntil ?? 0) > now ? 'slow' : 'shared';
  }

  /** It has kept a core busy for long. */
  noteHeavy(tenant: string, now: number): void {
    this.#of(tenant).heavyUntil = now + HEAVY_MS;
  }

  /** A process is lost with these at work. Where there were several, each runs alone for a while: then it shows. */
  noteSuspects(tenants: readonly string[], now: number): void {
    for (const tenant of tenants) this.#of(tenant).suspectUntil = now + SUSPECT_MS;
  }

  noteStrike(tenant: string, now: number): void {
    const known = this.#of(tenant);
    known.strikes = known.struckUntil > now ? known.strikes + 1 : 1;
    known.struckUntil = now + STRUCK_MS;
  }

  #of(tenant: string): Known {
    const known = this.#known.get(tenant) ?? { heavyUntil: 0, suspectUntil: 0, strikes: 0, struckUntil: 0 };
    this.#known.delete(tenant);
    this.#known.set(tenant, known);
    if (this.#known.size > MAX_TENANTS) {
      const oldest = this.#known.keys().next().value;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return known;
  }
}

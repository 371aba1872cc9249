import type { ExecutableBundle, Executor, Guest, GuestListener, GuestOptions, Inspection } from '../ports/executor.ts';
import type { FetchStart, TurnStart } from '../ports/turn-messages.ts';
import { ExecutorChild, type Loss } from './executor-child.ts';
import { Reputation } from './reputation.ts';

export interface SupervisorOptions {
  /** The script that sets up a context; made from `lib/guest`. */
  readonly prelude: string;
  /** A process above this is killed and replaced, bytes. */
  readonly maxRssBytes?: number;
  /** A process says something each second; one that says nothing for so long is stuck, and replaced, ms. @default 15_000 */
  readonly silenceMs?: number;
  /** Whether the process that serves everybody is started before it is asked for. @default true */
  readonly isWarm?: boolean;
  /** The machine is one tenant's: nobody has to be kept apart, and one process does everything. @default false */
  readonly hasOneTenant?: boolean;
  /** Told when a tenant has cost a process, and nobody else can have. @default nobody is told */
  readonly onStrike?: (strike: Strike) => void;
}

export interface Strike {
  readonly tenant: string;
  /** In words for the operator. */
  readonly what: string;
}

const DEFAULT_MAX_RSS_BYTES = 3_000_000_000;
const DEFAULT_SILENCE_MS = 15_000;
/** Processes for tenants that run alone; beyond that two of them share one. */
const MAX_ALONE = 4;
/** A process of somebody's own is kept so long without work, ms. */
const IDLE_MS = 10_000;

/**
 * Keeps executor processes alive, gives them turns, and kills those that do not behave. One process serves everybody. Who
 * keeps a core busy for long goes on in a second one, to which the system gives what the first one leaves; who has cost a
 * process, or may have, runs in one of its own.
 */
export class Supervisor implements Executor {
  readonly #options: SupervisorOptions;
  readonly #reputation = new Reputation();
  #shared: ExecutorChild | undefined;
  #slow: ExecutorChild | undefined;
  readonly #alone = new Map<string, ExecutorChild>();
  /** Given up, with turns still at work. */
  readonly #others = new Set<ExecutorChild>();
  #isClosed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    if (options.isWarm ?? true) this.#shared = this.#spawn();
  }

  /** Process ids of the executors, for tests that end one and for operators who look; first the one that serves everybody. */
  get pids(): readonly number[] {
    return this.#children().map((child) => child.pid);
  }

  start(options: GuestOptions, start: TurnStart | FetchStart, listener: GuestListener): Guest {
    this.#refuseWhenClosed();
    return this.#pick(options).start(options, start, listener);
  }

  /** Where a hostile one costs nobody else a process. */
  inspect(bundle: ExecutableBundle, tenant: string): Promise<Inspection> {
    this.#refuseWhenClosed();
    const child = this.#options.hasOneTenant === true ? this.#sharedChild() : this.#slowChild();
    return child.inspect(bundle, tenant);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#children().map((child) => child.close()));
  }

  #children(): readonly ExecutorChild[] {
    const all = [this.#shared, this.#slow, ...this.#alone.values(), ...this.#others];
    return [...new Set(all.filter((child) => child !== undefined))];
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new Error('The executor is closed');
  }

  #pick({ tenant, strikes }: GuestOptions): ExecutorChild {
    if (this.#options.hasOneTenant === true) return this.#sharedChild();
    switch (this.#reputation.standingOf(tenant, Date.now(), strikes)) {
      case 'shared':
        return this.#sharedChild();
      case 'slow':
        return this.#slowChild();
      case 'alone':
        return this.#childOf(tenant);
    }
  }

  #sharedChild(): ExecutorChild {
    this.#shared ??= this.#spawn();
    return this.#shared;
  }

  #slowChild(): ExecutorChild {
    if (this.#slow === undefined) {
      this.#slow = this.#spawn();
      this.#slow.putLast();
    }
    return this.#slow;
  }

  #childOf(tenant: string): ExecutorChild {
    const own = this.#alone.get(tenant);
    if (own !== undefined) return own;
    const all = [...new Set(this.#alone.values())];
    const child = all.length < MAX_ALONE ? this.#spawn() : all.toSorted((a, b) => a.turns - b.turns)[0];
    if (child === undefined) throw new Error('There is no process to run alone in');
    child.endWhenIdle(IDLE_MS);
    this.#alone.set(tenant, child);
    return child;
  }

  #spawn(): ExecutorChild {
    const { prelude, maxRssBytes = DEFAULT_MAX_RSS_BYTES, silenceMs = DEFAULT_SILENCE_MS } = this.#options;
    const child: ExecutorChild = new ExecutorChild({
      prelude,
      maxRssBytes,
      silenceMs,
      onHeavy: (tenant, isLong) => this.#onHeavy(child, tenant, isLong),
      onLoss: (loss) => this.#onLoss(loss),
      onRetired: () => this.#replace(child),
      onGone: () => this.#others.delete(child),
    });
    return child;
  }

  /** It takes no more turns. */
  #replace(child: ExecutorChild): void {
    this.#others.add(child);
    for (const [tenant, other] of this.#alone) if (other === child) this.#alone.delete(tenant);
    if (this.#slow === child) this.#slow = undefined;
    if (this.#shared === child && !this.#isClosed) this.#shared = this.#spawn();
  }

  /**
   * Threads cannot be moved from one process to another: so the process stays with whoever keeps it busy, behind everybody
   * else, and the others get a new one.
   */
  #onHeavy(child: ExecutorChild, tenant: string, isLong: boolean): void {
    this.#reputation.noteHeavy(tenant, Date.now());
    if (!isLong || child !== this.#shared || this.#isClosed || this.#options.hasOneTenant === true) return;
    child.putLast();
    this.#shared = this.#spawn();
    if (this.#slow === undefined) {
      this.#slow = child;
    } else {
      this.#others.add(child);
      child.endWhenIdle(0);
    }
  }

  #onLoss({ tenants, what, isTheirs }: Loss): void {
    const now = Date.now();
    const [guilty] = tenants;
    if (tenants.length !== 1 || guilty === undefined || !isTheirs) return this.#reputation.noteSuspects(tenants, now);
    this.#reputation.noteStrike(guilty, now);
    this.#options.onStrike?.({ tenant: guilty, what });
  }
}

import { FairLine } from '../core/fair-line.ts';
import { LEASE_MS, LEASE_RENEWAL_MS } from '../core/limits.ts';
import type { InstanceKey, Summary } from '../ports/instance-store.ts';
import type { Wake } from '../ports/wake-queue.ts';
import type { FirstTurns, OfferedLease } from './dependencies.ts';
import { DispatchedTurn } from './dispatched-turn.ts';
import type { TurnDependencies, TurnOptions } from './turn-options.ts';
import { TurnShares } from './turn-shares.ts';
import { TurnSpans, traceIdOf } from './turn-spans.ts';

export interface TurnRunnerOptions extends Omit<TurnOptions, 'isNew' | 'endsAt'> {
  /** Names this process in leases; another one after each start. */
  readonly owner: string;
  /** Turns at a time; those beyond wait in line. */
  readonly maxTurns: number;
}

type Asked = Pick<Wake, 'key' | 'leaseOwner' | 'isForced'>;

/** An instance in line, or being claimed. `over`: when the turn that follows is. */
interface Waiting {
  readonly asked: Asked;
  readonly over: PromiseWithResolvers<void>;
}

interface Claimed {
  readonly summary: Summary;
  /** There is no journal yet that would have to be read. */
  readonly isNew: boolean;
}

/**
 * Claims turns and runs them: at most one per instance in this process, of each tenant in the order in which they were asked
 * for, and the tenants by turns.
 */
export class TurnRunner implements FirstTurns {
  readonly #deps: TurnDependencies;
  readonly #options: TurnRunnerOptions;
  readonly #turns = new Map<string, DispatchedTurn>();
  readonly #claiming = new Map<string, Waiting>();
  readonly #line = new Map<string, Waiting>();
  /** Names in line, by tenant. */
  readonly #order = new FairLine<string>();
  readonly #shares: TurnShares;
  /** Asked for while the turn was at work: looked at once more when it ends. */
  readonly #again = new Map<string, Asked>();
  #isClosing = false;
  #endsAt: number | undefined;

  constructor(deps: TurnDependencies, options: TurnRunnerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#shares = new TurnShares(deps, options.maxTurns);
  }

  /** Turns at work. */
  get active(): number {
    return this.#shares.active;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** A message for an instance: its turn hears of it, or one is claimed. */
  wake(asked: Asked): void {
    this.run(asked).catch(this.#options.onError);
  }

  /** The same; resolves when the turn is over, or there was none to run. Rejects where the store failed at the claim. */
  run(asked: Asked): Promise<void> {
    if (this.#isClosing) return Promise.resolve();
    const name = nameOf(asked.key);
    const turn = this.#turns.get(name);
    if (turn !== undefined) {
      this.#askAgain(name, asked);
      turn.notify();
      return turn.done;
    }
    const claiming = this.#claiming.get(name);
    if (claiming !== undefined) {
      this.#askAgain(name, asked);
      return claiming.over.promise;
    }
    const over = this.#lineUp(name, asked);
    this.#claimNext();
    return over.promise;
  }

  /** When nothing is at work and nobody in line any more. */
  async idle(): Promise<void> {
    while (this.active + this.waiting > 0) {
      const claims = [...this.#claiming.values(), ...this.#line.values()].map(({ over }) => over.promise);
      await Promise.allSettled([...claims, ...[...this.#turns.values()].map(({ done }) => done)]);
    }
  }

  /** Turns that begin from now on are over by then, epoch ms: no attempt is started that may take longer. */
  endBy(at: number): void {
    this.#endsAt = at;
  }

  offerLease(key: InstanceKey, now: number): OfferedLease | undefined {
    if (this.#isClosing || !this.#shares.mayBegin(key.tenant)) return undefined;
    // The id is taken, or was a moment ago: the turn at work must stay the one that hears of messages.
    const name = nameOf(key);
    if (this.#turns.has(name) || this.#claiming.has(name)) return undefined;
    return { lease: { owner: this.#options.owner, until: now + LEASE_MS }, isTurnBegun: true };
  }

  adopt(summary: Summary): void {
    this.#begin({ summary, isNew: true }, this.#takeShare(summary.tenant));
  }

  /** Cuts every turn off where it is and gives its lease back; what was in progress goes on in another turn. */
  async interrupt(): Promise<void> {
    await Promise.all([...this.#turns.values()].map((turn) => turn.interrupt()));
  }

  /** The same, for good: nothing more is run. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { over } of this.#line.values()) over.resolve();
    this.#line.clear();
    this.#order.clear();
    await this.interrupt();
  }

  #claimNext(): void {
    for (;;) {
      const name = this.#order.next((tenant) => this.#shares.mayBegin(tenant));
      const waiting = name === undefined ? undefined : this.#line.get(name);
      if (name === undefined || waiting === undefined) return;
      this.#line.delete(name);
      this.#claiming.set(name, waiting);
      void this.#claim(name, waiting, this.#takeShare(waiting.asked.key.tenant));
    }
  }

  #lineUp(name: string, asked: Asked): Waiting['over'] {
    const before = this.#line.get(name);
    if (before === undefined) {
      const over = Promise.withResolvers<void>();
      this.#line.set(name, { asked, over });
      this.#order.add(asked.key.tenant, name);
      return over;
    }
    if (asked.isForced) this.#line.set(name, { ...before, asked: { ...before.asked, isForced: true } });
    return before.over;
  }

  #takeShare(tenant: string): () => void {
    return this.#shares.begin(tenant, () => this.#claimNext());
  }

  async #claim(name: string, { asked, over }: Waiting, giveBack: () => void): Promise<void> {
    try {
      const claimed = (await this.#takeHandedOn(asked)) ?? (await this.#claimAnew(asked));
      this.#claiming.delete(name);
      if (claimed !== undefined && !this.#isClosing) {
        void this.#begin(claimed, giveBack).done.then(over.resolve);
        return;
      }
      giveBack();
      this.#goOn(name);
      over.resolve();
    } catch (error) {
      this.#claiming.delete(name);
      giveBack();
      over.reject(error);
      this.#claimNext();
    }
  }

  /**
   * The lease that stands on a new instance for whoever gets the message of its creation: no write is needed. Where the
   * journal has begun, somebody has got it before.
   */
  async #takeHandedOn({ key, leaseOwner }: Asked): Promise<Claimed | undefined> {
    if (leaseOwner === undefined) return undefined;
    const { clock, instances } = this.#deps;
    const summary = await instances.get(key);
    const { lease } = summary ?? {};
    if (summary === undefined || lease?.owner !== leaseOwner) return undefined;
    const begun = await instances.readJournal({ key, incarnation: summary.incarnation });
    if (begun.length > 0) return undefined;
    const taken = { ...summary, unclosedClaims: summary.unclosedClaims + 1 };
    const now = clock.now();
    if (lease.until - now > LEASE_RENEWAL_MS) return { summary: taken, isNew: true };
    // The message was long on its way; nobody has claimed since, and now nobody will.
    const renewed = { owner: leaseOwner, until: now + LEASE_MS };
    const isOurs = await instances.renew({ key, incarnation: summary.incarnation, lease: renewed });
    return isOurs ? { summary: { ...taken, lease: renewed }, isNew: true } : undefined;
  }

  async #claimAnew({ key, isForced }: Asked): Promise<Claimed | undefined> {
    const now = this.#deps.clock.now();
    const lease = { owner: this.#options.owner, until: now + LEASE_MS };
    const claim = await this.#deps.instances.claim({ key, now, lease, ...(isForced && { isForced }) });
    return claim.kind === 'claimed' ? { summary: claim.summary, isNew: false } : undefined;
  }

  /** `giveBack`: of its share, when it is over. */
  #begin({ summary, isNew }: Claimed, giveBack: () => void): DispatchedTurn {
    const { tracer, bindings } = this.#deps;
    const spans = tracer && new TurnSpans(tracer, this.#deps, summary);
    const traced = spans && { bindings: spans.around(bindings), onWritten: spans.onWritten.bind(spans) };
    const traceId = traceIdOf(summary);
    const turn = new DispatchedTurn({ ...this.#deps, ...traced }, summary, {
      ...this.#options,
      onError: (error) => this.#options.onError(error, traceId === undefined ? {} : { traceId }),
      isNew,
      ...(this.#endsAt !== undefined && { endsAt: this.#endsAt }),
    });
    const name = nameOf(turn.key);
    this.#turns.set(name, turn);
    void turn.done.then(() => {
      spans?.end();
      this.#turns.delete(name);
      giveBack();
      this.#goOn(name);
    });
    return turn;
  }

  #askAgain(name: string, { key, isForced = this.#again.get(name)?.isForced }: Asked): void {
    this.#again.set(name, { key, ...(isForced && { isForced }) });
  }

  #goOn(name: string): void {
    const asked = this.#again.get(name);
    this.#again.delete(name);
    if (asked !== undefined && !this.#isClosing && !this.#line.has(name)) {
      this.#lineUp(name, asked).promise.catch(this.#options.onError);
    }
    this.#claimNext();
  }
}

const nameOf = ({ tenant, workflow, id }: InstanceKey): string => `${tenant}/${workflow}/${id}`;

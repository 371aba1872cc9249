import { LEASE_MS } from '../core/limits.ts';
import type { InstanceKey, Lease, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { DispatchedTurn, type TurnDependencies } from './dispatched-turn.ts';

export interface TurnRunnerOptions {
  /** Names this process in leases; another one after each start. */
  readonly owner: string;
  /** Turns at a time; those beyond wait in line. */
  readonly maxTurns: number;
  readonly onError: (error: unknown) => void;
}

/** Claims turns and runs them: at most one per instance in this process, in the order in which they were asked for. */
export class TurnRunner implements NonNullable<Dependencies['firstTurns']> {
  readonly #deps: TurnDependencies;
  readonly #options: TurnRunnerOptions;
  readonly #turns = new Map<string, DispatchedTurn>();
  readonly #claiming = new Set<string>();
  readonly #line = new Map<string, InstanceKey>();
  /** Asked for while the turn was at work: looked at once more when it ends. */
  readonly #again = new Set<string>();
  #isClosing = false;

  constructor(deps: TurnDependencies, options: TurnRunnerOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Turns at work. */
  get active(): number {
    return this.#turns.size + this.#claiming.size;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** A message for an instance: its turn hears of it, or one is claimed. */
  wake(key: InstanceKey): void {
    if (this.#isClosing) return;
    const name = nameOf(key);
    const turn = this.#turns.get(name);
    if (turn !== undefined) {
      this.#again.add(name);
      turn.notify();
    } else if (this.#claiming.has(name)) this.#again.add(name);
    else {
      this.#line.set(name, key);
      this.#claimNext();
    }
  }

  offerLease(key: InstanceKey, now: number): Lease | undefined {
    if (this.#isClosing || this.active >= this.#options.maxTurns) return undefined;
    // The id is taken, or was a moment ago: the turn at work must stay the one that hears of messages.
    const name = nameOf(key);
    if (this.#turns.has(name) || this.#claiming.has(name)) return undefined;
    return { owner: this.#options.owner, until: now + LEASE_MS };
  }

  adopt(summary: Summary): void {
    this.#begin(summary, true);
  }

  /** Drops every guest, gives the leases back; what was in progress goes on at the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#line.clear();
    await Promise.all([...this.#turns.values()].map((turn) => turn.interrupt()));
  }

  #claimNext(): void {
    for (const [name, key] of this.#line) {
      if (this.active >= this.#options.maxTurns) return;
      this.#line.delete(name);
      this.#claiming.add(name);
      void this.#claim(name, key);
    }
  }

  async #claim(name: string, key: InstanceKey): Promise<void> {
    const now = this.#deps.clock.now();
    try {
      const claim = await this.#deps.instances.claim({
        key,
        now,
        lease: { owner: this.#options.owner, until: now + LEASE_MS },
      });
      this.#claiming.delete(name);
      if (claim.kind === 'claimed' && !this.#isClosing) this.#begin(claim.summary, false);
      else this.#goOn(name, key);
    } catch (error) {
      this.#claiming.delete(name);
      this.#options.onError(error);
      this.#claimNext();
    }
  }

  #begin(summary: Summary, isNew: boolean): void {
    const turn = new DispatchedTurn(this.#deps, summary, isNew);
    turn.onError = this.#options.onError;
    const name = nameOf(turn.key);
    this.#turns.set(name, turn);
    void turn.done.then(() => {
      this.#turns.delete(name);
      this.#goOn(name, turn.key);
    });
  }

  #goOn(name: string, key: InstanceKey): void {
    if (this.#again.delete(name) && !this.#isClosing) this.#line.set(name, key);
    this.#claimNext();
  }
}

const nameOf = ({ tenant, workflow, id }: InstanceKey): string => `${tenant}/${workflow}/${id}`;

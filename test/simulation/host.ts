import { hash } from 'node:crypto';
import { TenonError } from '../../lib/core/errors.ts';
import type { ChangeWatch } from '../../lib/ports/change-watch.ts';
import type { NewInstance, Summary } from '../../lib/ports/instance-store.ts';
import type { Wake, WakeQueue } from '../../lib/ports/wake-queue.ts';
import type { Dependencies } from '../../lib/service/dependencies.ts';
import { handOnFirstTurns } from '../../lib/service/handed-on-turns.ts';
import { TurnRunner } from '../../lib/service/turn-runner.ts';
import { Chance } from './chance.ts';
import { LedgerHost } from './ledger.ts';
import type { MemoryInstanceStore } from './memory-instance-store.ts';
import { nameOf } from './observer.ts';
import type { Process } from './scheduler.ts';
import { SimulatedExecutor } from './simulated-executor.ts';
import { MAX_CALLBACK_MS } from './weather.ts';
import type { World } from './world.ts';

export type HostDependencies = Omit<
  Dependencies,
  'audit' | 'uploads' | 'downloads' | 'requestLog' | 'compiler' | 'usageStore' | 'schedules' | 'checks' | 'checkRuns'
>;

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: TenonError }
  /** The connection broke, or the server failed: it may have happened or not. */
  | { readonly kind: 'lost' };

class StoreFault extends Error {}

/** What is on its way does not stand still with the host; it is cut off with it. */
class Line implements Process {
  readonly stalledUntil = 0;
  readonly name: string;
  readonly #host: Process;

  constructor(host: Process) {
    this.#host = host;
    this.name = `${host.name}/line`;
  }

  get isAlive(): boolean {
    return this.#host.isAlive;
  }
}

/** One process of the service: a composition root like the real ones, over wires that can be cut. */
export class Host implements Process {
  readonly name: string;
  readonly #world: World;
  isAlive = true;
  stalledUntil = 0;
  isOpen = false;
  readonly #line: Line;
  readonly #executor: SimulatedExecutor;
  readonly #runner: TurnRunner;
  readonly #deps: HostDependencies;
  /** On their way to the store or to the outside, in the order in which they left. */
  readonly #inFlight = new Set<() => void>();
  /** Writes arrive in the order in which they left, as in a group commit. */
  #writesArriveAt = 0;
  readonly #clients = new Set<() => void>();
  readonly #listeners = new Map<string, Set<() => void>>();
  /** The life that this host has last claimed or made and in whose name, by seed, which only a restart from a step keeps. */
  readonly #claimed = new Map<string, { readonly incarnation: string; readonly owner: string }>();

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    this.#line = new Line(this);
    const { scheduler, observer, weather, platform } = world;
    const chance = new Chance(`${world.seed}/${name}`);
    const secrets = new Chance(`${world.seed}/${name}/secrets`);
    this.#executor = new SimulatedExecutor({
      scheduler,
      host: this,
      latency: () => world.latency(),
      findWorkflow: world.findWorkflow,
      actorOf: (key, turnSeed) => {
        const { incarnation, owner } = this.#claimed.get(turnSeed) ?? { incarnation: '', owner: name };
        return { key, incarnation, owner, host: name };
      },
      onStart: (actor, options) => {
        if (options.tenant !== actor.key.tenant) observer.report(`E8: ${nameOf(actor.key)} ran for ${options.tenant}`);
        const version = observer.lives.get(actor.incarnation)?.version;
        if (version !== undefined && version !== options.version) {
          observer.report(`E9: ${nameOf(actor.key)} of version ${version} ran version ${options.version}`);
        }
      },
      onYield: (actor) => observer.onYield(actor),
      secret: () => hash('sha256', secrets.id(), 'base64url'),
      onBroken: (actor, error) => observer.report(`the guest of ${nameOf(actor.key)} threw ${(error as Error).stack}`),
      onCallback: (actor, step) => observer.onCallback(actor, step),
    });
    const instances = this.#wire<MemoryInstanceStore>('instances', world.store, true);
    const base: HostDependencies = {
      clock: { now: () => Math.floor(scheduler.now) },
      timer: { after: (delayMs, action) => scheduler.after(delayMs, this, 'timer', action) },
      randomness: { id: () => chance.id(), secret: () => chance.id() + chance.id() },
      instances,
      slots: this.#wire('slots', world.slots, false),
      tenants: this.#wire('tenants', platform.tenants, false),
      bundles: this.#wire('bundles', platform.bundles, false),
      policies: this.#wire('policies', platform.policies, false),
      blobs: this.#wire('blobs', platform.blobs, false),
      vault: { seal: async (text) => text, open: async (text) => text },
      wakes: this.#wakes(),
      watch: this.#watch(),
      executor: this.#executor,
      bindings: new LedgerHost({
        observer,
        chance,
        failure: weather.ledgerFailure,
        carry: (label, effect) => this.#carry(label, effect, { isWrite: false, canFail: false }),
      }),
    };
    this.#runner = new TurnRunner(base, {
      owner: name,
      maxTurns: weather.maxTurns,
      ...(weather.hosts > 1 && { lookEveryMs: 1_000 }),
      ...(weather.turnMs !== undefined && { maxCallbackMs: MAX_CALLBACK_MS }),
      onError: this.#onError,
    });
    // Where nobody owns the store, a creation hands its lease on by message, or leaves the claim to whoever gets that.
    const { firstTurns } = {
      owned: { firstTurns: this.#runner },
      handed_on: { firstTurns: handOnFirstTurns(base) },
      claimed: {} as { readonly firstTurns?: never },
    }[weather.hosts === 1 ? 'owned' : weather.firstTurns];
    this.#deps = firstTurns === undefined ? base : { ...base, firstTurns };
    scheduler.after(0, this, 'start', () => void this.#start(instances));
  }

  readonly #onError = (error: unknown): void => {
    if (error instanceof StoreFault) return;
    this.#world.observer.report(`a turn of ${this.name} failed: ${(error as Error).stack}`);
  };

  async #start(instances: MemoryInstanceStore): Promise<void> {
    if (this.#world.weather.hosts === 1) {
      for (;;) {
        try {
          await instances.releaseAllLeases(this.#deps.clock.now());
          await this.#world.slots.clear();
          break;
        } catch {
          // A start that fails is tried again, as whoever starts the process would.
        }
      }
    }
    this.isOpen = true;
    this.#world.onOpen();
  }

  wake(asked: Omit<Wake, 'at'>): void {
    if (!this.isOpen) return;
    if (this.#world.weather.turnMs !== undefined) {
      this.#runner.endBy(this.#deps.clock.now() + this.#world.weather.turnMs);
    }
    void this.#runner.run(asked).catch(this.#onError);
  }

  loseExecutor(): void {
    this.#executor.loseAll();
  }

  /** As `lib/embedded.ts` stops: no new work, leases given back, then the end. */
  async stop(): Promise<void> {
    this.isOpen = false;
    await this.#runner.close();
    if (this.isAlive) this.crash('nothing', new Chance(''));
  }

  /** Everything of this process is gone. `keeps`: of what was on its way, how much arrives. */
  crash(keeps: 'nothing' | 'some' | 'all', chance: Chance): void {
    this.isAlive = false;
    let left = keeps === 'nothing' ? 0 : keeps === 'all' ? this.#inFlight.size : chance.between(0, this.#inFlight.size);
    for (const arrive of this.#inFlight) {
      if (left <= 0) break;
      left -= 1;
      arrive();
    }
    for (const hangUp of [...this.#clients]) hangUp();
  }

  serve<T>(label: string, use: (deps: HostDependencies) => Promise<T>, answer: (answer: Answer<T>) => void): void {
    const { scheduler } = this.#world;
    let isAnswered = false;
    const reply = (value: Answer<T>): void => {
      if (isAnswered) return;
      isAnswered = true;
      cancel();
      this.#clients.delete(hangUp);
      scheduler.after(this.#world.latency(), undefined, `answer ${label} ${value.kind}`, () => answer(value));
    };
    const hangUp = (): void => reply({ kind: 'lost' });
    this.#clients.add(hangUp);
    const cancel = scheduler.after(120_000, undefined, 'client gives up', hangUp);
    scheduler.after(this.#world.latency(), this, `request ${label}`, () => {
      use(this.#deps).then(
        (value) => reply({ kind: 'ok', value }),
        (error: unknown) => {
          if (error instanceof TenonError) return reply({ kind: 'refused', error });
          if (!(error instanceof StoreFault)) {
            this.#world.observer.report(`a use case failed: ${(error as Error).stack}`);
          }
          reply({ kind: 'lost' });
        },
      );
    });
  }

  // --- the wires ---

  /** A store seen through a wire: its calls take their time, may fail, and may be cut off at either end. */
  #wire<T extends object>(name: string, target: T, isStore: boolean): T {
    return new Proxy(target, {
      get: (object, method) => {
        const { [method as keyof T]: call } = object;
        return (...args: unknown[]) => {
          const label = `${name}.${String(method)}`;
          if (!isStore) {
            const apply = () => (call as (...args: unknown[]) => Promise<unknown>).apply(object, args);
            return this.#carry(label, apply, { isWrite: false, canFail: true });
          }
          if (method === 'create') this.#noteLife(args[0] as NewInstance, this.name);
          const params = JSON.parse(JSON.stringify(args)) as unknown[];
          const apply = async (): Promise<unknown> => {
            const result = await (call as (...args: unknown[]) => Promise<unknown>).apply(object, params);
            await this.#world.onStoreCall(String(method), params[0], result, this.name);
            if (method === 'claim') {
              const claim = result as { readonly kind: string; readonly summary: Summary };
              if (claim.kind === 'claimed') this.#noteLife(claim.summary, this.name);
            } else if (method === 'get' && result !== undefined) {
              const { lease, ...summary } = result as Summary;
              // It may be about to take up a lease that was handed on.
              if (lease !== undefined && !this.#world.isHost(lease.owner)) this.#noteLife(summary, lease.owner);
            }
            return result;
          };
          const { trace } = this.#world.scheduler;
          return this.#carry(trace === undefined ? label : `${label} ${JSON.stringify(params).slice(0, 400)}`, apply, {
            isWrite: !READS.has(String(method)),
            canFail: method !== 'releaseAllLeases',
          });
        };
      },
    });
  }

  #noteLife({ seed, incarnation }: Pick<Summary, 'seed' | 'incarnation'>, owner: string): void {
    this.#claimed.set(seed, { incarnation, owner });
  }

  #carry<T>(
    label: string,
    apply: () => Promise<T>,
    { isWrite, canFail }: { readonly isWrite: boolean; readonly canFail: boolean },
  ): Promise<T> {
    const { scheduler } = this.#world;
    const failure = canFail ? this.#world.drawFailure() : undefined;
    const there = this.#world.latency() + (failure === 'slow' ? this.#world.slowMs() : 0);
    return new Promise<T>((resolve, reject) => {
      let arrivesAt = scheduler.now + there;
      if (isWrite && this.#world.weather.hosts === 1) {
        arrivesAt = Math.max(arrivesAt, this.#writesArriveAt);
        this.#writesArriveAt = arrivesAt;
      }
      const answer = (act: () => void): void => {
        if (this.isAlive) scheduler.after(this.#world.latency(), this, `back ${label}`, act);
      };
      const arrive = (): void => {
        if (!this.#inFlight.delete(arrive)) return;
        if (failure === 'before') return answer(() => reject(new StoreFault(label)));
        apply().then(
          (value) => answer(() => (failure === 'after' ? reject(new StoreFault(label)) : resolve(value))),
          (error: unknown) => answer(() => reject(error)),
        );
      };
      this.#inFlight.add(arrive);
      scheduler.after(arrivesAt - scheduler.now, this.#line, label, arrive);
    });
  }

  #wakes(): WakeQueue {
    return {
      wake: (message) =>
        this.#carry(
          `wake ${message.key.id}`,
          async () => {
            this.#world.post(message);
          },
          { isWrite: false, canFail: true },
        ),
    };
  }

  #watch(): ChangeWatch {
    const { scheduler } = this.#world;
    return {
      changed: (key, until) =>
        new Promise((resolve) => {
          const name = nameOf(key);
          const listeners = this.#listeners.get(name) ?? new Set();
          this.#listeners.set(name, listeners);
          const wake = (): void => {
            listeners.delete(wake);
            resolve();
          };
          listeners.add(wake);
          scheduler.after(until - scheduler.now, this, 'watch', wake);
        }),
      announce: (key) => {
        for (const wake of [...(this.#listeners.get(nameOf(key)) ?? [])]) wake();
      },
    };
  }
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'readJournal', 'readInbox', 'findDue', 'nextDueAt']);

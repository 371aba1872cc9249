import type { Wake } from '../../lib/ports/wake-queue.ts';
import { Chance } from './chance.ts';
import { type Answer, Host, type HostDependencies } from './host.ts';
import { MemoryInstanceStore } from './memory-instance-store.ts';
import { MemorySlotStore } from './memory-slot-store.ts';
import { Observer } from './observer.ts';
import { Platform } from './platform.ts';
import { type Process, type RunEnd, Scheduler } from './scheduler.ts';
import type { WorkflowClass } from './simulated-executor.ts';
import type { Disaster, Weather } from './weather.ts';

const START_AT = 1_800_000_000_000;
const SWEEP_MS = 10_000;
const SWEEP_PAGE = 500;

export interface WorldParams {
  readonly seed: string;
  readonly weather: Weather;
  readonly findWorkflow: (tenant: string, version: string, workflow: string) => WorkflowClass;
}

/** Everything that outlives a process: the store, the queue and the outside; and the processes that come and go. */
export class World {
  readonly seed: string;
  readonly weather: Weather;
  readonly findWorkflow: WorldParams['findWorkflow'];
  readonly scheduler = new Scheduler(START_AT);
  readonly store = new MemoryInstanceStore({ clock: { now: () => Math.floor(this.scheduler.now) } });
  readonly slots = new MemorySlotStore();
  readonly platform: Platform;
  readonly observer: Observer;
  /** How often something was cut off: each can cost a turn, and no more than one effect twice. */
  disasters = 0;
  readonly #chance: Chance;
  readonly #hosts: Host[] = [];
  #lastHost = 0;
  /** Clients in front of a closed door. */
  readonly #waiting: (() => void)[] = [];
  #sweepAt = Number.POSITIVE_INFINITY;

  constructor({ seed, weather, findWorkflow }: WorldParams) {
    this.seed = seed;
    this.weather = weather;
    this.findWorkflow = findWorkflow;
    this.#chance = new Chance(`${seed}/world`);
    this.platform = new Platform(weather.concurrency);
    this.observer = new Observer({
      store: this.store,
      slots: this.slots,
      limitOf: ({ workflow }) => weather.concurrency[workflow === undefined ? 'tenant' : 'workflow'],
      now: () => this.scheduler.now,
    });
    this.scheduler.beforeTask = (process) => this.#beforeTask(process);
    for (let count = 0; count < weather.hosts; count++) this.#startHost();
  }

  // --- wires ---

  latency(): number {
    const { maxLatencyMs } = this.weather;
    return maxLatencyMs === 0 ? 0 : this.#chance.below(maxLatencyMs);
  }

  slowMs(): number {
    return this.#chance.is(0.3) ? this.#chance.below(50_000) : this.#chance.below(500);
  }

  drawFailure(): 'before' | 'after' | 'slow' | undefined {
    const { calmAfter, failure, slowness } = this.weather;
    if (this.scheduler.tasks >= calmAfter) return undefined;
    if (this.#chance.is(failure)) {
      this.disasters += 1;
      return this.#chance.is(0.5) ? 'before' : 'after';
    }
    if (!this.#chance.is(slowness)) return undefined;
    this.disasters += 1;
    return 'slow';
  }

  // --- clients ---

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(ms, undefined, 'client wakes', resolve);
    });
  }

  /** Asks whichever host is there; waits until one is. */
  async ask<T>(label: string, use: (deps: HostDependencies) => Promise<T>): Promise<Answer<T>> {
    for (;;) {
      const host = this.#openHost();
      if (host !== undefined) return new Promise((answer) => host.serve(label, use, answer));
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  // --- queue and sweeper ---

  /** A message on its way. It is lost, doubled, late or early as the weather has it. */
  post({ at, ...asked }: Wake): void {
    const { dropped, doubled, delayed, early } = this.weather.queue;
    if (this.#chance.is(dropped)) return;
    const delayMs = Math.max(0, (at ?? 0) - this.scheduler.now);
    const late = this.#chance.is(delayed) ? this.#chance.below(20_000) : 0;
    this.#deliver(asked, this.#chance.is(early) ? this.#chance.below(delayMs) : delayMs + late);
    if (this.#chance.is(doubled)) this.#deliver(asked, delayMs + this.#chance.below(5_000));
  }

  #deliver(asked: Omit<Wake, 'at'>, delayMs: number): void {
    const { id } = asked.key;
    this.scheduler.after(delayMs + this.latency(), undefined, `message for ${id}`, () => {
      const host = this.#openHost();
      if (host !== undefined) this.scheduler.after(0, host, `wakes ${id}`, () => host.wake(asked));
    });
  }

  isHost(owner: string): boolean {
    return this.#hosts.some(({ name }) => name === owner);
  }

  #openHost(): Host | undefined {
    const open = this.#hosts.filter((host) => host.isAlive && host.isOpen);
    return open.length === 0 ? undefined : this.#chance.pick(open);
  }

  /** Host and observer tell of each call that reached the store. */
  async onStoreCall(method: string, params: unknown, result: unknown, host: string): Promise<void> {
    await this.observer.onStoreCall(method, params, result, host);
    await this.#armSweep();
  }

  onOpen(): void {
    for (const go of this.#waiting.splice(0)) this.scheduler.after(this.latency(), undefined, 'a host is there', go);
    void this.#armSweep();
  }

  async #armSweep(): Promise<void> {
    const dueAt = await this.store.nextDueAt();
    if (dueAt === undefined) return;
    // In clear weather no message is lost, and the sweeper only stands in for the start of a host.
    const waitMs = this.weather.maxLatencyMs === 0 ? 1 : this.#chance.below(SWEEP_MS);
    const at = Math.max(dueAt, this.scheduler.now) + waitMs;
    if (at >= this.#sweepAt) return;
    this.#sweepAt = at;
    this.scheduler.after(at - this.scheduler.now, undefined, 'sweep', () => {
      if (this.#sweepAt === at) void this.#sweep();
    });
  }

  async #sweep(): Promise<void> {
    this.#sweepAt = Number.POSITIVE_INFINITY;
    const host = this.#openHost();
    if (host !== undefined) {
      const due = await this.store.findDue({ now: Math.floor(this.scheduler.now), limit: SWEEP_PAGE });
      for (const key of due) this.scheduler.after(0, host, `swept ${key.id}`, () => host.wake({ key }));
      await this.sleep(this.weather.maxLatencyMs === 0 ? 1 : 1_000);
    }
    if (host !== undefined || this.#hosts.some((one) => one.isAlive)) await this.#armSweep();
  }

  // --- disasters ---

  #startHost(): void {
    this.#lastHost += 1;
    this.#hosts.push(new Host(this, `host${this.#lastHost}`));
  }

  #beforeTask(process: Process): void {
    const disaster = this.weather.disasters.get(this.scheduler.tasks);
    if (disaster === undefined) return;
    const name = process.name.split('/')[0];
    const host = this.#hosts.find((one) => one.name === name);
    if (host !== undefined) this.#strike(host, disaster);
  }

  #strike(host: Host, disaster: Disaster): void {
    this.disasters += 1;
    this.scheduler.trace?.(`*** ${disaster.kind} of ${host.name} at task ${this.scheduler.tasks}`);
    switch (disaster.kind) {
      case 'crash':
        host.crash(disaster.keeps, this.#chance);
        this.#replace(host, disaster.downMs);
        return;
      case 'stop':
        if (host.isOpen) {
          void host.stop().then(() => this.#replace(host, disaster.downMs));
        }
        return;
      case 'stall':
        host.stalledUntil = this.scheduler.now + disaster.ms;
        return;
      case 'executor_lost':
        host.loseExecutor();
    }
  }

  #replace(host: Host, downMs: number): void {
    const index = this.#hosts.indexOf(host);
    if (index < 0) return;
    this.#hosts.splice(index, 1);
    this.scheduler.after(downMs, undefined, 'start a host', () => this.#startHost());
  }

  /** A host that stands still, by name. */
  stall(name: string, ms: number): void {
    const host = this.#hosts.find((one) => one.name === name);
    if (host !== undefined) this.#strike(host, { kind: 'stall', ms });
  }

  /** Runs until `isDone`, or something is wrong. */
  run(params: { readonly forMs: number; readonly maxTasks: number; readonly isDone: () => boolean }): Promise<RunEnd> {
    return this.scheduler.run({
      until: START_AT + params.forMs,
      maxTasks: params.maxTasks,
      isDone: () => this.observer.problem !== undefined || params.isDone(),
    });
  }
}

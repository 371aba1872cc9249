import { availableParallelism } from 'node:os';
import { FairLine } from '../core/fair-line.ts';
import type { GuestTermination } from '../ports/turn-messages.ts';
import { type CodeCache, GuestIsolate } from './guest-isolate.ts';
import { inspectionOf } from './inspection.ts';
import { IsolateCache } from './isolate-cache.ts';
import { type FromExecutor, MAX_MESSAGE_CHARS, type ToExecutor } from './messages.ts';

type Start = Extract<ToExecutor, { kind: 'start' }>;

interface Turn {
  readonly id: number;
  readonly start: Start;
  isolate: GuestIsolate | undefined;
  /** The isolate has a context in which the guest can be entered. */
  isReady: boolean;
  cpuAtStart: number;
  /** Of the isolate, when the turn got it: what it takes to get ready is the turn's too. */
  cpuAtTake: number;
  /** As it was last looked at, ms: an isolate that is gone tells nothing. */
  cpuUsedMs: number;
  /** The guest is at work: entered, and it has neither answered nor begun to wait. */
  isBusy: boolean;
  /** As the guest found its context when it had nothing left to do; `undefined`: it has, or may have. */
  isClean: boolean | undefined;
  /** Its last word has been passed on. */
  isFinished: boolean;
  /** Of what it has used the supervisor knows. */
  told: 'nothing' | 'heavy' | 'long';
  /** CPU of the isolate when it was first seen at work since `since`. */
  stretch: { readonly since: number; readonly cpuMs: number };
  busySince: number;
  /** Sent by the dispatcher before the guest was ready. */
  readonly early: string[];
}

interface Bundle {
  readonly code: string;
  readonly sourceMap: string;
  /** Of the first isolate that compiled it, for the next ones of the same version. */
  readonly bundleCache: CodeCache;
}

/** Turns that may be at work at once; more would only hold isolates while they wait for one of two cores. */
const MAX_BUSY = 4;
/** A turn at work for longer than this no longer keeps others from starting. */
const BUSY_GRACE_MS = 50;
/** As many of those one tenant may have before its next turn starts: one for each core, should nobody else want it. */
const MAX_LONG = Math.max(2, availableParallelism());
const WATCH_MS = 25;
const HEARTBEAT_MS = 1_000;
/** Wall time a guest may be at work without a word, beyond its CPU limit: a native operation may outlast a dispose. */
const WALL_GRACE_MS = 10_000;
/** An isolate at rest that uses more CPU than this has been left with something running. */
const RESTLESS_MS = 100;
/** So long an isolate rests beside another one of its version before it is let go. */
const SURPLUS_MS = 3_000;
const MAX_BUNDLES = 2_000;
/** CPU time without a word from which on a tenant is known for that, and from which on others are taken away from it. */
const HEAVY_CPU_MS = 200;
const LONG_CPU_MS = 400;
const INSPECT_CPU_MS = 2_000;
/** What an isolate costs beside the heap that V8 counts, bytes. */
const ISOLATE_OVERHEAD = 400_000;

/** Runs turns in isolates: starts, watches, ends them. Holds no storage and no credentials. */
export class ExecutorProcess {
  readonly #send: (message: FromExecutor) => void;
  readonly #turns = new Map<number, Turn>();
  readonly #queue = new FairLine<Turn>();
  readonly #bundles = new Map<string, Bundle>();
  readonly #awaitingBundle = new Map<string, Turn[]>();
  readonly #cache = new IsolateCache({ maxBytes: 768_000_000, maxIsolates: 1_000 });
  readonly #preludeCache: CodeCache = { data: undefined };
  #prelude = '';
  #watch: NodeJS.Timeout | undefined;

  constructor(send: (message: FromExecutor) => void) {
    this.#send = send;
    setInterval(() => {
      send({ kind: 'heartbeat' });
      this.#cache.evictWhere((isolate) => isolate.restlessMs > RESTLESS_MS);
      this.#cache.trim(Date.now(), SURPLUS_MS);
    }, HEARTBEAT_MS);
  }

  receive(message: ToExecutor): void {
    switch (message.kind) {
      case 'prelude':
        this.#prelude = message.code;
        return;
      case 'start':
        this.#enqueue(message);
        return;
      case 'bundle':
        this.#addBundle(bundleKey(message), message);
        return;
      case 'bundle_failed':
        for (const turn of this.#takeAwaiting(bundleKey(message))) {
          this.#terminate(turn, { cause: 'bundle_failed', isGuilty: false, message: 'The bundle could not be read' });
        }
        return;
      case 'send': {
        const turn = this.#turns.get(message.turn);
        if (turn === undefined) return;
        if (turn.isolate === undefined || !turn.isReady) turn.early.push(message.message);
        else this.#enter(turn, turn.isolate, message.message);
        return;
      }
      case 'end':
        this.#end(message.turn);
        return;
      case 'inspect':
        void this.#inspect(message);
        return;
    }
  }

  #enqueue(start: Start): void {
    const turn: Turn = {
      id: start.turn,
      start,
      isolate: undefined,
      isReady: false,
      cpuAtStart: 0,
      cpuAtTake: 0,
      cpuUsedMs: 0,
      isBusy: false,
      isClean: undefined,
      isFinished: false,
      told: 'nothing',
      stretch: { since: 0, cpuMs: 0 },
      busySince: 0,
      early: [],
    };
    this.#turns.set(turn.id, turn);
    this.#queue.add(start.tenant, turn);
    this.#watch ??= setInterval(() => this.#check(), WATCH_MS);
    this.#startNext();
  }

  #startNext(): void {
    while (this.#queue.size > 0) {
      const { starting, long } = this.#busy();
      if (starting >= MAX_BUSY) return;
      const turn = this.#queue.next((tenant) => (long.get(tenant) ?? 0) < MAX_LONG);
      if (turn === undefined) return;
      if (this.#turns.has(turn.id)) this.#place(turn);
    }
  }

  /** Turns that keep others from starting, and by tenant those that have been at work for longer without a word. */
  #busy(): { readonly starting: number; readonly long: ReadonlyMap<string, number> } {
    const now = Date.now();
    let starting = 0;
    const long = new Map<string, number>();
    for (const { isBusy, busySince, start } of this.#turns.values()) {
      if (!isBusy) continue;
      if (now - busySince < BUSY_GRACE_MS) starting += 1;
      else long.set(start.tenant, (long.get(start.tenant) ?? 0) + 1);
    }
    return { starting, long };
  }

  #place(turn: Turn): void {
    const key = isolateKey(turn.start);
    turn.isBusy = true;
    turn.busySince = Date.now();
    const idle = this.#cache.take(key);
    if (idle !== undefined) {
      void this.#run(turn, idle);
      return;
    }
    const bundle = this.#bundles.get(bundleKey(turn.start));
    if (bundle === undefined) {
      turn.isBusy = false;
      const waiting = this.#awaitingBundle.get(bundleKey(turn.start));
      if (waiting !== undefined) waiting.push(turn);
      else {
        this.#awaitingBundle.set(bundleKey(turn.start), [turn]);
        this.#send({ kind: 'need_bundle', tenant: turn.start.tenant, version: turn.start.version });
      }
      return;
    }
    const isolate = new GuestIsolate({
      key,
      memoryMb: turn.start.memoryMb,
      prelude: this.#prelude,
      preludeCache: this.#preludeCache,
      ...bundle,
      onBroken: () => this.#onBroken(isolate),
    });
    void this.#run(turn, isolate);
  }

  #onBroken(isolate: GuestIsolate): void {
    const turn = [...this.#turns.values()].find((other) => other.isolate === isolate);
    this.#send({ kind: 'broken', turn: turn?.id });
  }

  async #run(turn: Turn, isolate: GuestIsolate): Promise<void> {
    turn.isolate = isolate;
    isolate.listener = {
      onMessage: (message) => this.#onMessage(turn, message),
      onAlarm: () => this.#setBusy(turn),
    };
    try {
      turn.cpuAtStart = isolate.cpuMs;
      turn.cpuAtTake = turn.cpuAtStart;
      await isolate.prepare();
    } catch {
      this.#terminate(turn, { cause: 'bundle_failed', isGuilty: true, message: 'The bundle could not be loaded' });
      isolate.dispose();
      return;
    }
    if (!this.#turns.has(turn.id)) return isolate.dispose();
    turn.isReady = true;
    turn.cpuAtStart = isolate.cpuMs;
    this.#enter(turn, isolate, turn.start.message);
    for (const message of turn.early.splice(0)) this.#enter(turn, isolate, message);
  }

  #enter(turn: Turn, isolate: GuestIsolate, message: string): void {
    this.#setBusy(turn);
    isolate.send(message);
  }

  #setBusy(turn: Turn): void {
    turn.isBusy = true;
    turn.busySince = Date.now();
    turn.isClean = undefined;
  }

  /** The guest's own words stay text; only the two that concern this process are looked at. */
  #onMessage(turn: Turn, message: string): void {
    if (message.startsWith('{"kind":"context"')) {
      turn.isBusy = false;
      turn.isClean = message.startsWith('{"kind":"context","isClean":true');
      if (turn.isFinished) this.#end(turn.id);
      return;
    }
    if (message.length > MAX_MESSAGE_CHARS) {
      this.#terminate(turn, {
        cause: 'protocol_violation',
        isGuilty: true,
        message: `A message of ${message.length} characters is larger than the limit of ${MAX_MESSAGE_CHARS}`,
      });
      return;
    }
    if (!/^\{"kind":"(?:records|logs)"/.test(message)) turn.isBusy = false;
    turn.isFinished = /^\{"kind":"(?:finished|response|fetch_failed)"/.test(message);
    this.#send({ kind: 'message', turn: turn.id, message });
    this.#startNext();
  }

  #end(id: number): void {
    const turn = this.#turns.get(id);
    if (turn === undefined) return;
    this.#turns.delete(id);
    const { isolate } = turn;
    this.#tellUsed(turn);
    if (isolate !== undefined) {
      // A turn that was cut off may have entries on their way: its isolate is not given to another turn.
      if (turn.isClean === undefined) isolate.dispose();
      else {
        isolate.finish(turn.isClean && !turn.start.hasFreshContext);
        this.#keep(turn, isolate);
      }
    }
    this.#startNext();
    if (this.#turns.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }

  #keep(turn: Turn, isolate: GuestIsolate): void {
    if (isolate.isDisposed) return;
    this.#cache.put(isolate, isolate.heapBytes + ISOLATE_OVERHEAD, Date.now());
    const maxBytes = (turn.start.memoryMb * 1_000_000) / 2;
    isolate.measure().then(
      () => {
        if (isolate.heapBytes > maxBytes) this.#cache.evictWhere((other) => other === isolate);
        else this.#cache.resize(isolate, isolate.heapBytes + ISOLATE_OVERHEAD);
      },
      () => {},
    );
  }

  #terminate(turn: Turn, termination: GuestTermination): void {
    if (!this.#turns.delete(turn.id)) return;
    this.#tellUsed(turn);
    turn.isolate?.dispose();
    this.#send({ kind: 'terminated', turn: turn.id, termination });
    this.#startNext();
  }

  #tellUsed(turn: Turn): void {
    lookAtCpu(turn);
    this.#queue.charge(turn.start.tenant, turn.cpuUsedMs);
    this.#send({ kind: 'ended', turn: turn.id, cpuMs: turn.cpuUsedMs });
  }

  /** Loops, memory and guests that say nothing: `isolate.cpuTime` runs on while the guest is at work. */
  #check(): void {
    const now = Date.now();
    for (const turn of this.#turns.values()) {
      const { isolate, start } = turn;
      if (isolate === undefined) continue;
      lookAtCpu(turn);
      if (isolate.isDisposed) {
        const message = `The memory limit of ${start.memoryMb} MiB was exceeded`;
        this.#terminate(turn, { cause: 'memory_limit', isGuilty: true, message });
      } else if (isolate.cpuMs - turn.cpuAtStart > start.cpuMs) {
        const message = `The CPU limit of ${start.cpuMs} ms per activation was exceeded`;
        this.#terminate(turn, { cause: 'cpu_limit', isGuilty: true, message });
      } else if (turn.isBusy && now - turn.busySince > start.cpuMs + WALL_GRACE_MS) {
        this.#terminate(turn, { cause: 'wall_limit', isGuilty: true, message: 'The code did not answer in time' });
      } else if (turn.isBusy) this.#tellHeavy(turn, isolate.cpuMs);
    }
    this.#startNext();
  }

  #tellHeavy(turn: Turn, cpuMs: number): void {
    if (turn.stretch.since !== turn.busySince) turn.stretch = { since: turn.busySince, cpuMs };
    const usedMs = cpuMs - turn.stretch.cpuMs;
    const isLong = usedMs > LONG_CPU_MS;
    if (turn.told === 'long' || !(isLong || (turn.told === 'nothing' && usedMs > HEAVY_CPU_MS))) return;
    turn.told = isLong ? 'long' : 'heavy';
    this.#send({ kind: 'heavy', turn: turn.id, isLong });
  }

  #addBundle(key: string, { code, sourceMap }: Omit<Bundle, 'bundleCache'>): void {
    this.#bundles.set(key, { code, sourceMap, bundleCache: { data: undefined } });
    if (this.#bundles.size > MAX_BUNDLES) {
      const oldest = this.#bundles.keys().next().value;
      if (oldest !== undefined) this.#bundles.delete(oldest);
    }
    for (const turn of this.#takeAwaiting(key)) if (this.#turns.has(turn.id)) this.#place(turn);
  }

  #takeAwaiting(key: string): readonly Turn[] {
    const turns = this.#awaitingBundle.get(key) ?? [];
    this.#awaitingBundle.delete(key);
    return turns;
  }

  async #inspect({ turn, code, sourceMap }: Extract<ToExecutor, { kind: 'inspect' }>): Promise<void> {
    const isolate = new GuestIsolate({
      key: 'inspect',
      memoryMb: 128,
      prelude: this.#prelude,
      preludeCache: this.#preludeCache,
      bundleCache: { data: undefined },
      code,
      sourceMap,
      onBroken: () => {
        isolate.dispose();
        this.#send({ kind: 'broken', turn: undefined });
      },
    });
    const inspection = await inspectionOf(isolate, INSPECT_CPU_MS);
    isolate.dispose();
    this.#send({ kind: 'inspected', turn, inspection });
  }
}

const lookAtCpu = (turn: Turn): void => {
  const { isolate, cpuAtTake } = turn;
  if (isolate !== undefined && !isolate.isDisposed) turn.cpuUsedMs = isolate.cpuMs - cpuAtTake;
};

const bundleKey = ({ tenant, version }: { readonly tenant: string; readonly version: string }): string =>
  `${tenant}/${version}`;

/** The memory limit is the isolate's own: another limit is another isolate. */
const isolateKey = (start: Start): string => `${bundleKey(start)}/${start.memoryMb}`;

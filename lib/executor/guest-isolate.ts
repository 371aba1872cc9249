import { hash, randomBytes } from 'node:crypto';
import type { TraceMap } from '@jridgewell/trace-mapping';
import ivm from 'isolated-vm';
import { BUNDLE_FILE, PRELUDE_FILE } from '../core/guest-scripts.ts';
import { mapStack, readMap } from './stack-map.ts';

/** Turns that one context serves at most: bounds what a version can leave behind for its own next turn. */
const TURNS_PER_CONTEXT = 200;
const TURNS_PER_MEASURE = 8;
/** Longest delay that a timer takes. */
const MAX_TIMER_MS = 2_147_483_647;

/** Code caches are made by us from our own compilations; none is ever taken from a tenant or a tenant-writable place. */
export interface CodeCache {
  data: ivm.ExternalCopy<ArrayBuffer> | undefined;
}

export interface IsolateListener {
  onMessage(message: string): void;
  /** The guest is about to be entered by its own alarm. */
  onAlarm(): void;
}

interface LiveContext {
  readonly context: ivm.Context;
  readonly enter: ivm.Reference<(kind: string, argument?: unknown) => void>;
  turns: number;
}

/** One V8 isolate: one tenant, one version, one turn at a time, with a context that is kept while it stays clean. */
export class GuestIsolate {
  readonly key: string;
  listener: IsolateListener | undefined;
  readonly #isolate: ivm.Isolate;
  readonly #prelude: string;
  readonly #preludeCache: CodeCache;
  readonly #bundleCache: CodeCache;
  readonly #code: string;
  readonly #sourceMap: string;
  #map: TraceMap | undefined;
  #live: Promise<LiveContext> | undefined;
  #current: LiveContext | undefined;
  #bundle: ivm.Script | undefined;
  #alarm: NodeJS.Timeout | undefined;
  usedAt = 0;
  /** Bytes of the heap, array buffers included, as last measured. */
  heapBytes = 0;
  /** CPU time when it was put aside: what it uses from then on, nobody has asked for. */
  #cpuAtRest = 0;
  #turnsSinceMeasured = 0;

  constructor(params: {
    readonly key: string;
    readonly memoryMb: number;
    readonly prelude: string;
    readonly preludeCache: CodeCache;
    readonly bundleCache: CodeCache;
    readonly code: string;
    readonly sourceMap: string;
    /** A catastrophic out-of-memory: the isolate and its thread are gone, whatever it was doing. */
    readonly onBroken: () => void;
  }) {
    this.key = params.key;
    this.#prelude = params.prelude;
    this.#preludeCache = params.preludeCache;
    this.#bundleCache = params.bundleCache;
    this.#code = params.code;
    this.#sourceMap = params.sourceMap;
    this.#isolate = new ivm.Isolate({
      memoryLimit: params.memoryMb,
      onCatastrophicError: () => params.onBroken(),
    });
  }

  get isDisposed(): boolean {
    return this.#isolate.isDisposed;
  }

  /** CPU time used so far, ms. */
  get cpuMs(): number {
    return Number(this.#isolate.cpuTime) / 1e6;
  }

  /** CPU time used since the last turn ended, ms: an isolate at rest uses none. */
  get restlessMs(): number {
    return this.isDisposed ? 0 : this.cpuMs - this.#cpuAtRest;
  }

  /** Measures the heap now and then. Never waits for the isolate itself: a hostile one might not let go of its thread. */
  async measure(): Promise<void> {
    if (this.#turnsSinceMeasured++ % TURNS_PER_MEASURE !== 0) return;
    const statistics = await this.#isolate.getHeapStatistics();
    this.heapBytes = statistics.total_heap_size + statistics.externally_allocated_size;
  }

  /** A context with prelude and bundle, ready to be entered. */
  async prepare(): Promise<void> {
    this.#live ??= this.#makeContext();
    this.#current = await this.#live;
    this.#current.turns += 1;
  }

  send(message: string): void {
    this.#current?.enter.applyIgnored(undefined, ['message', message]);
  }

  inspect(): void {
    this.#current?.enter.applyIgnored(undefined, ['inspect']);
  }

  /** Ends the turn. `isClean`: the guest found its context as it was, so the next turn of this version may have it. */
  finish(isClean: boolean): void {
    this.listener = undefined;
    this.#clearAlarm();
    this.#cpuAtRest = this.cpuMs;
    const live = this.#current;
    this.#current = undefined;
    if (live === undefined || (isClean && live.turns < TURNS_PER_CONTEXT)) return;
    this.#live = undefined;
    live.enter.release();
    live.context.release();
  }

  dispose(): void {
    this.listener = undefined;
    this.#clearAlarm();
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  async #makeContext(): Promise<LiveContext> {
    const context = await this.#isolate.createContext();
    const prelude = await this.#compile(this.#prelude, PRELUDE_FILE, this.#preludeCache);
    await prelude.run(context);
    prelude.release();
    const enter = (await context.evalClosure(
      `const boot = globalThis.$tenonBoot; delete globalThis.$tenonBoot;
       return boot({ Reference: $0.Reference, post: $1, setAlarm: $2, mapStack: $3, entropy: $4, makeToken: $5 });`,
      [
        ivm,
        new ivm.Callback((message: unknown) => this.#onPost(context, message), { ignored: true }),
        new ivm.Callback((at: unknown) => this.#setAlarm(context, at), { ignored: true }),
        new ivm.Callback((stack: unknown) => this.#mapStack(stack)),
        new ivm.Callback((bytes: unknown) => entropy(bytes)),
        new ivm.Callback((prefix: unknown) => makeToken(prefix)),
      ],
      { result: { reference: true } },
    )) as LiveContext['enter'];
    const code = `(function (exports, $tenon, module) {${this.#code}\n})`;
    this.#bundle ??= await this.#compile(code, BUNDLE_FILE, this.#bundleCache);
    const evaluate = await this.#bundle.run(context, { reference: true });
    await enter.apply(undefined, ['bundle', evaluate.derefInto({ release: true })]);
    return { context, enter, turns: 0 };
  }

  async #compile(code: string, filename: string, cache: CodeCache): Promise<ivm.Script> {
    const { data } = cache;
    const script = await this.#isolate.compileScript(code, {
      filename,
      ...(data === undefined ? { produceCachedData: true } : { cachedData: data }),
    });
    const produced = (script as ivm.Script & ivm.CachedDataResult).cachedData;
    if (produced !== undefined) cache.data = produced;
    return script;
  }

  /** What a context that was given up still says concerns nobody: not the turn that has its isolate now. */
  #onPost(context: ivm.Context, message: unknown): void {
    if (typeof message === 'string' && this.#current?.context === context) this.listener?.onMessage(message);
  }

  #setAlarm(context: ivm.Context, at: unknown): void {
    if (this.#current?.context !== context) return;
    this.#clearAlarm();
    if (typeof at !== 'number' || !(at > 0)) return;
    const delayMs = Math.min(Math.max(0, at - Date.now()), MAX_TIMER_MS);
    this.#alarm = setTimeout(() => {
      this.listener?.onAlarm();
      this.#current?.enter.applyIgnored(undefined, ['alarm']);
    }, delayMs);
  }

  #clearAlarm(): void {
    clearTimeout(this.#alarm);
    this.#alarm = undefined;
  }

  #mapStack(stack: unknown): string {
    if (typeof stack !== 'string') return '';
    this.#map ??= readMap(this.#sourceMap);
    return mapStack(stack, this.#map);
  }
}

const MAX_PREFIX_CHARS = 1_024;

/** A token of 256 random bits, and its SHA-256: the guest has no hash at hand that gives its result at once. */
const makeToken = (prefix: unknown): string => {
  const token = `${typeof prefix === 'string' ? prefix.slice(0, MAX_PREFIX_CHARS) : ''}.${randomBytes(32).toString('base64url')}`;
  return `${token} ${hash('sha256', token)}`;
};

const entropy = (bytes: unknown): string => {
  const count = typeof bytes === 'number' ? Math.min(Math.max(0, Math.floor(bytes)), 65_536) : 0;
  return randomBytes(count).toString('hex');
};

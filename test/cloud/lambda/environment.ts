import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EnvironmentPlace, variablesOf } from './environment-variables.ts';
import type { FunctionSettings } from './function-settings.ts';
import { endWithUs, signalTree } from './process-tree.ts';
import type { FromRuntime, FunctionError, ToRuntime } from './runtime-messages.ts';

const RUNTIME = fileURLToPath(new URL('runtime.ts', import.meta.url));
/** What Lambda leaves to Node of a function's memory, about. */
const HEAP_SHARE = 0.9;

export type Outcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answered'; readonly result: string }
  | { readonly kind: 'failed'; readonly error: FunctionError }
  /** The process is gone. `error`: what it could still tell. */
  | { readonly kind: 'died'; readonly how: string; readonly error?: FunctionError }
  /** The process was ended because it took too long. */
  | { readonly kind: 'timed_out' };

export interface EnvironmentOptions extends Omit<EnvironmentPlace, 'tmpFolder' | 'logStream'> {
  readonly settings: FunctionSettings;
  /** The environment's own folder is made below it. */
  readonly folder: string;
  /** Whom it serves for all its life, where the function isolates its tenants. */
  readonly tenantId: string | undefined;
  /** Of stdout and stderr. */
  readonly onLine: (line: string) => void;
}

/**
 * One execution environment of a function: a process with its children, frozen whenever no invocation runs. It takes one
 * invocation at a time, and is of no use once it has died or timed out.
 */
export class Environment {
  readonly tenantId: string | undefined;
  readonly logStream = logStreamName();
  /** When its last invocation ended, in milliseconds since the epoch. */
  idleSince = Date.now();
  readonly #process: ChildProcess;
  readonly #tmpFolder: string;
  readonly #ended: Promise<void>;
  #isGone = false;
  #crash: FunctionError | undefined;
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor({ settings, folder, tenantId, onLine, ...place }: EnvironmentOptions) {
    this.tenantId = tenantId;
    this.#tmpFolder = join(folder, `tmp-${randomBytes(8).toString('hex')}`);
    mkdirSync(this.#tmpFolder, { recursive: true });
    const heapMb = Math.floor(settings.memoryMb * HEAP_SHARE);
    this.#process = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, RUNTIME], {
      cwd: place.taskRoot,
      env: variablesOf(settings, { ...place, tmpFolder: this.#tmpFolder, logStream: this.logStream }),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own, so that signals reach its children too.
      detached: true,
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output) createInterface({ input: output }).on('line', onLine);
    }
    this.#process.on('message', (message: FromRuntime) => this.#hear(message));
    this.#ended = this.#watch();
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** It starts, or an invocation runs. */
  get isBusy(): boolean {
    return !this.#isGone && this.#settle !== undefined;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Waits until the handler is imported. */
  start(limitMs: number): Promise<Outcome> {
    return this.#next(limitMs);
  }

  async invoke(call: Omit<ToRuntime, 'kind' | 'deadlineAt'>, limitMs: number): Promise<Outcome> {
    const outcome = this.#next(limitMs);
    this.#signal('SIGCONT');
    const message: ToRuntime = { kind: 'invoke', deadlineAt: Date.now() + limitMs, ...call };
    // A process that died meanwhile is told of by its end.
    if (!this.#isGone) this.#process.send(message, () => {});
    const { kind } = await outcome;
    if (kind === 'answered' || kind === 'failed') this.freeze();
    this.idleSince = Date.now();
    return outcome;
  }

  freeze(): void {
    this.#signal('SIGSTOP');
  }

  /** As if the machine went away: no process of the environment does anything any more. Waits until it has ended. */
  kill(): Promise<void> {
    this.#signal('SIGKILL');
    return this.#ended;
  }

  #signal(signal: NodeJS.Signals): void {
    // Without a process there is no group, and 0 would be our own.
    if (!this.#isGone && this.pid > 0) signalTree(this.pid, signal);
  }

  #hear(message: FromRuntime): void {
    if (message.kind === 'crashed') this.#crash = message.error;
    else this.#settle?.(message);
  }

  /** The end is an outcome only when everything that was said before has been heard. */
  async #watch(): Promise<void> {
    const { promise: exited, resolve } = Promise.withResolvers<string>();
    this.#process.once('error', (error) => resolve(error.message));
    this.#process.once('exit', (code, signal) => {
      this.#isGone = true;
      resolve(signal === null ? `exit status ${code}` : `signal: ${SIGNALS[signal] ?? signal}`);
    });
    using _ = endWithUs(this.pid);
    const how = await exited;
    this.#isGone = true;
    if (this.#process.connected) await once(this.#process, 'disconnect');
    this.#settle?.({ kind: 'died', how, ...(this.#crash && { error: this.#crash }) });
    rmSync(this.#tmpFolder, { recursive: true, force: true });
  }

  #next(limitMs: number): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const timer = setTimeout(() => {
      resolve({ kind: 'timed_out' });
      this.#signal('SIGKILL');
    }, limitMs);
    this.#settle = (outcome) => {
      clearTimeout(timer);
      this.#settle = undefined;
      resolve(outcome);
    };
    if (this.#isGone) this.#settle({ kind: 'died', how: 'signal: killed' });
    return promise;
  }
}

/** As Lambda words them. */
const SIGNALS: Readonly<Record<string, string>> = { SIGKILL: 'killed', SIGTERM: 'terminated', SIGABRT: 'aborted' };

const logStreamName = (): string =>
  `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;

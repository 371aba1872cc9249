import { type ChildProcess, execFile, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ExecutableBundle, Guest, GuestListener, GuestOptions, Inspection } from '../ports/executor.ts';
import type { FetchStart, GuestTermination, TurnStart } from '../ports/turn-messages.ts';
import { readGuestMessage } from './guest-message.ts';
import type { FromExecutor, ToExecutor } from './messages.ts';

interface Turn {
  readonly options: GuestOptions;
  readonly listener: GuestListener;
}

/** A process that is gone before its time, and whose turns were at work in it. */
export interface Loss {
  /** Each once. */
  readonly tenants: readonly string[];
  /** In words for the operator. */
  readonly what: string;
  /** What was at work in it did that, as far as can be told; where somebody outside did, it did not. */
  readonly isTheirs: boolean;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
const WATCH_MS = 50;
/** A process that is broken or too large may finish what it has, but not for ever. */
const RETIRE_MS = 2_000;
/** A watch that comes this late was not late by itself: both processes stood still, as they do between invocations of a Lambda. */
const STOOD_STILL_MS = 1_000;
const PAGE_BYTES = 4096;

const EXEC_ARGV = [
  '--no-node-snapshot',
  '--disable-warning=ExperimentalWarning',
  '--permission',
  '--allow-addons',
  `--allow-fs-read=${ROOT}lib/*`,
  `--allow-fs-read=${ROOT}node_modules/*`,
  `--allow-fs-read=${ROOT}package.json`,
  // node-gyp-build looks there to tell one C library from another.
  '--allow-fs-read=/etc/alpine-release',
];

/** One executor process, seen from outside: no environment but the time zone, no handles but the channel. */
export class ExecutorChild {
  readonly #process: ChildProcess;
  readonly #maxRssBytes: number;
  readonly #silenceMs: number;
  readonly #onRetired: () => void;
  readonly #onHeavy: (tenant: string, isLong: boolean) => void;
  readonly #onLoss: (loss: Loss) => void;
  readonly #turns = new Map<number, Turn>();
  /** Who is to be told what a turn has used, when it has ended. */
  readonly #onUsed = new Map<number, NonNullable<GuestOptions['onUsed']>>();
  readonly #inspections = new Map<number, { readonly tenant: string; tell(inspection: Inspection): void }>();
  readonly #watch: NodeJS.Timeout;
  #lastTurn = 0;
  #heardAt = Date.now();
  #watchedAt = Date.now();
  #isRetired = false;
  /** Why we have killed it. */
  #killedFor: string | undefined;
  #stoodStillAt = 0;
  /** It ends after so long without work, ms. */
  #idleMs: number | undefined;
  #workedAt = Date.now();
  readonly #exited: Promise<void>;

  constructor(params: {
    readonly prelude: string;
    readonly maxRssBytes: number;
    readonly silenceMs: number;
    /** A turn of that tenant keeps a core busy. `isLong`: and does not let go of it. */
    readonly onHeavy: (tenant: string, isLong: boolean) => void;
    readonly onLoss: (loss: Loss) => void;
    /** It takes no more turns; those that it has may go on for a while. */
    readonly onRetired: () => void;
    /** It has exited. */
    readonly onGone: () => void;
  }) {
    this.#maxRssBytes = params.maxRssBytes;
    this.#silenceMs = params.silenceMs;
    this.#onRetired = params.onRetired;
    this.#onHeavy = params.onHeavy;
    this.#onLoss = params.onLoss;
    this.#process = fork(ENTRY, [], {
      execArgv: EXEC_ARGV,
      env: { TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (_code, signal) => {
        this.#onExit(signal);
        params.onGone();
        resolve();
      });
    });
    // A process that could not be started never exits.
    this.#process.on('error', () => {
      if (this.#process.pid === undefined) this.#onExit(null);
    });
    this.#process.on('message', (message: FromExecutor) => this.#receive(message));
    this.#watch = setInterval(() => this.#check(), WATCH_MS);
    this.#watch.unref();
    this.#send({ kind: 'prelude', code: params.prelude });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** At work in it. */
  get turns(): number {
    return this.#turns.size;
  }

  /** From now on it gets what other processes leave of the machine. There is no way back, for nobody may take more. */
  putLast(): void {
    try {
      setPriority(this.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // It is gone, or the system knows no such thing.
    }
    // Where there is this command, its threads also leave the core at once when somebody else wants it.
    execFile('chrt', ['--all-tasks', '--idle', '--pid', '0', String(this.pid)], () => {});
  }

  endWhenIdle(afterMs: number): void {
    this.#idleMs = afterMs;
  }

  start(options: GuestOptions, start: TurnStart | FetchStart, listener: GuestListener): Guest {
    this.#lastTurn += 1;
    const turn = this.#lastTurn;
    this.#turns.set(turn, { options, listener });
    this.#workedAt = Date.now();
    if (options.onUsed !== undefined) this.#onUsed.set(turn, options.onUsed);
    this.#send({
      kind: 'start',
      turn,
      tenant: options.tenant,
      version: options.version,
      cpuMs: options.limits.cpuMs,
      memoryMb: options.limits.memoryMb,
      hasFreshContext: options.hasFreshContext,
      message: JSON.stringify(start),
    });
    return {
      send: (message) => this.#send({ kind: 'send', turn, message: JSON.stringify(message) }),
      end: () => {
        if (this.#turns.delete(turn)) this.#send({ kind: 'end', turn });
      },
    };
  }

  inspect({ code, sourceMap }: ExecutableBundle, tenant: string): Promise<Inspection> {
    this.#lastTurn += 1;
    const turn = this.#lastTurn;
    return new Promise((resolve) => {
      this.#inspections.set(turn, { tenant, tell: resolve });
      this.#send({ kind: 'inspect', turn, code, sourceMap });
    });
  }

  async close(): Promise<void> {
    this.#isRetired = true;
    clearInterval(this.#watch);
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #send(message: ToExecutor): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  #receive(message: FromExecutor): void {
    this.#heardAt = Date.now();
    switch (message.kind) {
      case 'ready':
      case 'heartbeat':
        return;
      case 'message':
        this.#onMessage(message.turn, message.message);
        return;
      case 'terminated':
        this.#terminate(message.turn, message.termination);
        return;
      case 'ended':
        this.#onUsed.get(message.turn)?.({ cpuMs: message.cpuMs });
        this.#onUsed.delete(message.turn);
        return;
      case 'need_bundle':
        void this.#loadBundle(message.tenant, message.version);
        return;
      case 'inspected':
        this.#inspections.get(message.turn)?.tell(message.inspection);
        this.#inspections.delete(message.turn);
        return;
      case 'heavy': {
        const turn = this.#turns.get(message.turn);
        if (turn !== undefined) this.#onHeavy(turn.options.tenant, message.isLong);
        return;
      }
      case 'broken':
        this.#tellLoss(this.#tenantsAt(message.turn), 'filled its memory so fast that the process was lost');
        if (message.turn !== undefined) {
          this.#terminate(message.turn, {
            cause: 'memory_limit',
            isGuilty: true,
            message: 'The memory limit was exceeded',
          });
        }
        this.#retire();
        return;
    }
  }

  #onMessage(id: number, text: string): void {
    const turn = this.#turns.get(id);
    if (turn === undefined) return;
    const message = readGuestMessage(text);
    if (message === undefined) {
      this.#send({ kind: 'end', turn: id });
      this.#terminate(id, {
        cause: 'protocol_violation',
        isGuilty: true,
        message: 'The guest sent what the platform does not accept',
      });
      return;
    }
    if (message.kind === 'finished' || message.kind === 'response' || message.kind === 'fetch_failed')
      this.#turns.delete(id);
    turn.listener.onMessage(message);
  }

  #terminate(id: number, termination: GuestTermination): void {
    const turn = this.#turns.get(id);
    this.#turns.delete(id);
    turn?.listener.onTerminated(termination);
  }

  async #loadBundle(tenant: string, version: string): Promise<void> {
    const turn = [...this.#turns.values()].find(
      ({ options }) => options.tenant === tenant && options.version === version,
    );
    try {
      if (turn === undefined) throw new Error('nobody asks for it any more');
      this.#send({ kind: 'bundle', tenant, version, ...(await turn.options.loadBundle()) });
    } catch {
      this.#send({ kind: 'bundle_failed', tenant, version });
    }
  }

  /** No new turns; replaced at once, ended when it is empty or its time is up. */
  #retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#onRetired();
    const isEmpty = this.#turns.size === 0 && this.#inspections.size === 0;
    setTimeout(() => this.#process.kill('SIGKILL'), isEmpty ? 0 : RETIRE_MS).unref();
  }

  #check(): void {
    const now = Date.now();
    if (now - this.#watchedAt > STOOD_STILL_MS) {
      this.#heardAt = now;
      this.#stoodStillAt = now;
    }
    this.#watchedAt = now;
    if (now - this.#heardAt > this.#silenceMs) this.#kill('kept the process from answering');
    else if (rssBytes(this.pid) > this.#maxRssBytes) this.#kill('used more memory than a process may have');
    if (this.#turns.size + this.#inspections.size > 0) this.#workedAt = now;
    if (this.#idleMs !== undefined && now - this.#workedAt > this.#idleMs) this.#retire();
  }

  #kill(what: string): void {
    this.#killedFor ??= what;
    this.#process.kill('SIGKILL');
  }

  /** Of the turn that is known to have done it, or of all. */
  #tenantsAt(turn?: number): readonly string[] {
    const one = turn === undefined ? undefined : this.#turns.get(turn);
    if (one !== undefined) return [one.options.tenant];
    const turns = [...this.#turns.values()].map(({ options }) => options.tenant);
    return [...new Set([...turns, ...[...this.#inspections.values()].map(({ tenant }) => tenant)])];
  }

  #tellLoss(tenants: readonly string[], what: string, isTheirs = true): void {
    if (this.#isRetired || tenants.length === 0) return;
    // Right after it stood still nobody can be told from the stillness itself.
    if (Date.now() - this.#stoodStillAt < STOOD_STILL_MS) return;
    this.#onLoss({ tenants, what, isTheirs });
  }

  #onExit(signal: NodeJS.Signals | null): void {
    clearInterval(this.#watch);
    const isOutside = this.#killedFor === undefined && (signal === 'SIGKILL' || signal === 'SIGTERM');
    this.#tellLoss(this.#tenantsAt(), this.#killedFor ?? 'brought the process down', !isOutside);
    // Of a process that was given up on purpose, whoever was to blame has been told.
    const isAlone = this.#turns.size === 1 && !this.#isRetired;
    for (const id of [...this.#turns.keys()]) {
      this.#terminate(id, { cause: 'executor_lost', isGuilty: isAlone, message: 'The executor was lost' });
    }
    for (const { tell } of this.#inspections.values()) {
      tell({
        ok: false,
        problems: [{ code: 'bundle.load_failed', message: 'Loading the bundle ended its executor' }],
      });
    }
    this.#inspections.clear();
    this.#onUsed.clear();
    if (!this.#isRetired) {
      this.#isRetired = true;
      this.#onRetired();
    }
  }
}

/** Resident memory of a process; 0 where the system does not tell. */
const rssBytes = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
};

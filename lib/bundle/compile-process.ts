import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Compilation } from '../ports/compiler.ts';
import type { CompileAnswer, CompileRequest } from './compile-messages.ts';
import { residentBytes } from './resident-memory.ts';

export type CompileDeath = 'time' | 'memory' | 'crashed' | 'not_started' | 'closed';

export interface CompileProcessOptions {
  readonly serverFile: string;
  readonly memoryLimitMb: number;
  readonly onReady: () => void;
  readonly onCompiled: (id: number, compilation: Compilation) => void;
  /** Called once, when no process of the group runs any more or all of them have been killed. */
  readonly onDeath: (death: CompileDeath) => void;
}

export const COMPILE_SERVER_FILE = fileURLToPath(new URL('./compile-server.ts', import.meta.url));

const MEMORY_POLL_MS = 25;
/** A machine that cannot start two processes in this time does not compile. */
const START_LIMIT_MS = 30_000;

/** One compile server with esbuild below it: started with an empty environment, watched while busy, killed as a group. */
export class CompileProcess {
  readonly #options: CompileProcessOptions;
  readonly #child: ChildProcess;
  readonly #startTimer: NodeJS.Timeout;
  #pids: readonly number[] = [];
  #memoryTimer: NodeJS.Timeout | undefined;
  #isDead = false;

  constructor(options: CompileProcessOptions) {
    this.#options = options;
    const share = Math.ceil(options.memoryLimitMb / 2);
    this.#child = fork(options.serverFile, [String(share)], {
      execArgv: [`--max-old-space-size=${share}`, '--disable-warning=ExperimentalWarning'],
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      // Leads a group of its own, so that one signal reaches esbuild's process too.
      detached: true,
    });
    this.#child.on('message', (answer: CompileAnswer) => this.#onAnswer(answer));
    this.#child.on('error', () => this.kill('crashed'));
    this.#child.on('exit', () => this.kill('crashed'));
    this.#startTimer = setTimeout(() => this.kill('not_started'), START_LIMIT_MS);
    this.#startTimer.unref();
    this.setBusy(false);
  }

  get isReady(): boolean {
    return this.#pids.length > 0;
  }

  send(request: CompileRequest): void {
    // A failure to send is the end of the child, told by `exit`.
    this.#child.send(request, () => {});
  }

  /** Idle, it neither keeps the parent alive nor is polled. */
  setBusy(isBusy: boolean): void {
    clearInterval(this.#memoryTimer);
    if (isBusy && !this.#isDead) {
      this.#child.ref();
      this.#child.channel?.ref();
      this.#memoryTimer = setInterval(() => this.#checkMemory(), MEMORY_POLL_MS);
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }

  kill(cause: CompileDeath): void {
    if (this.#isDead) return;
    const death = cause === 'crashed' && !this.isReady ? 'not_started' : cause;
    this.#isDead = true;
    clearTimeout(this.#startTimer);
    this.setBusy(false);
    const { pid } = this.#child;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
    this.#options.onDeath(death);
  }

  async close(): Promise<void> {
    const hasEnded = this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
    const ended = hasEnded ? undefined : once(this.#child, 'exit');
    this.#child.ref();
    this.kill('closed');
    this.#child.ref();
    await ended;
  }

  #onAnswer(answer: CompileAnswer): void {
    if (this.#isDead) return;
    switch (answer.kind) {
      case 'ready': {
        clearTimeout(this.#startTimer);
        this.#pids = [this.#child.pid, answer.enginePid].filter((pid) => pid !== undefined);
        this.#options.onReady();
        break;
      }
      case 'compiled':
        this.#options.onCompiled(answer.id, answer.compilation);
    }
  }

  async #checkMemory(): Promise<void> {
    const bytes = await residentBytes(this.#pids);
    if (bytes > this.#options.memoryLimitMb * 1_048_576) this.kill('memory');
  }
}

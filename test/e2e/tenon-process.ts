import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const ENTRY = resolve(import.meta.dirname, '../../bin/tenon.ts');

/** One start of the program, as a person at a terminal has it. */
export class TenonProcess {
  out = '';
  err = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #isClosed = false;
  #looks: (() => void)[] = [];

  constructor(args: readonly string[], options: { readonly cwd: string; readonly env?: Record<string, string> }) {
    this.#child = spawn(process.execPath, [ENTRY, ...args], {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a kill takes its executors along.
      detached: true,
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk.toString('utf8');
      for (const look of this.#looks) look();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.err += chunk.toString('utf8');
      for (const look of this.#looks) look();
    });
    this.#closed = new Promise((done) => {
      this.#child.once('close', (code) => {
        this.#isClosed = true;
        for (const look of this.#looks) look();
        done(code);
      });
    });
  }

  /** The first match in what it has printed, as soon as there is one. @throws where it ends before */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#seen(pattern, () => this.out);
  }

  /** The same of what it has complained about. */
  async complained(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#seen(pattern, () => this.err);
  }

  #seen(pattern: RegExp, text: () => string): Promise<RegExpExecArray> {
    return new Promise((found, fail) => {
      const look = (): void => {
        const match = pattern.exec(text());
        if (match !== null) found(match);
        else if (this.#isClosed) fail(new Error(`it ended without ${pattern}:\n${this.out}\n${this.err}`));
      };
      this.#looks.push(look);
      look();
    });
  }

  /** Its address, once it answers. */
  async listening(): Promise<string> {
    return (await this.printed(/^listening (http:\/\/127\.0\.0\.1:\d+)$/m))[1] as string;
  }

  /** Its exit code; `null`: a signal ended it. */
  ended(): Promise<number | null> {
    return this.#closed;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { pid } = this.#child;
    if (pid !== undefined && !this.#isClosed) process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    return this.#closed;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
}

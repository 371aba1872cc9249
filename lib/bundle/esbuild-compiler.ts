import type { BundleContentType } from '../ports/bundle-store.ts';
import type { Compilation, Compiler } from '../ports/compiler.ts';
import { COMPILE_SERVER_FILE, type CompileDeath, CompileProcess } from './compile-process.ts';
import type { BundleProblemCode } from './problem-error.ts';

export interface EsbuildCompilerOptions {
  /** Milliseconds for one upload. @default 10,000 */
  readonly timeLimitMs?: number;
  /** MiB held by the compile server and esbuild together. @default 1,024 */
  readonly memoryLimitMb?: number;
  /** Uploads compiled at the same time. @default 2 */
  readonly concurrency?: number;
  /** Where the server's script is, in an installation that has bundled it. */
  readonly serverFile?: string;
}

interface PendingUpload {
  readonly id: number;
  readonly contentType: BundleContentType;
  readonly bytes: Uint8Array;
  readonly settle: (compilation: Compilation) => void;
  readonly fail: (error: Error) => void;
  /** Was there when a server died: tried once more with nobody beside it, to see whose doing it was. */
  isSuspect: boolean;
  timer?: NodeJS.Timeout;
}

/**
 * Compiles in one warm child process, which is replaced when it dies, takes too long or too much memory. An upload that
 * brings a server down alone is refused; those beside it are compiled again, one at a time.
 */
export class EsbuildCompiler implements Compiler {
  readonly #options: Required<EsbuildCompilerOptions>;
  readonly #active = new Map<number, PendingUpload>();
  #waiting: PendingUpload[] = [];
  #process: CompileProcess | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: EsbuildCompilerOptions = {}) {
    this.#options = {
      timeLimitMs: options.timeLimitMs ?? 10_000,
      memoryLimitMb: options.memoryLimitMb ?? 1_024,
      concurrency: options.concurrency ?? 2,
      serverFile: options.serverFile ?? COMPILE_SERVER_FILE,
    };
  }

  /** @throws Error when the compiler is closed or its server cannot start: nothing is known of the upload then. */
  compile(source: { readonly contentType: BundleContentType; readonly bytes: Uint8Array }): Promise<Compilation> {
    if (this.#isClosed) return Promise.reject(new Error('The compiler is closed.'));
    const { promise, resolve, reject } = Promise.withResolvers<Compilation>();
    this.#lastId += 1;
    const { contentType, bytes } = source;
    this.#waiting.push({ id: this.#lastId, contentType, bytes, settle: resolve, fail: reject, isSuspect: false });
    this.#startWaiting();
    return promise;
  }

  /** Starts the server, so that the first compilation does not wait for it. */
  warm(): void {
    if (!this.#isClosed) this.#process ??= this.#startProcess();
  }

  /** Ends the server and esbuild's process; what was in progress fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const upload of waiting) upload.fail(new Error('The compiler is closed.'));
    await this.#process?.close();
  }

  #startWaiting(): void {
    while (this.#waiting[0] !== undefined && this.#hasRoomFor(this.#waiting[0])) {
      const upload = this.#waiting.shift() as PendingUpload;
      this.#active.set(upload.id, upload);
      this.#process ??= this.#startProcess();
      this.#process.setBusy(true);
      const { id, contentType, bytes } = upload;
      this.#process.send({ id, contentType, bytes });
      if (this.#process.isReady) this.#startClock(upload);
    }
  }

  #hasRoomFor(upload: PendingUpload): boolean {
    if (upload.isSuspect) return this.#active.size === 0;
    const isOneAlone = [...this.#active.values()].some(({ isSuspect }) => isSuspect);
    return !isOneAlone && this.#active.size < this.#options.concurrency;
  }

  #startClock(upload: PendingUpload): void {
    upload.timer = setTimeout(() => this.#process?.kill('time'), this.#options.timeLimitMs);
  }

  #startProcess(): CompileProcess {
    return new CompileProcess({
      serverFile: this.#options.serverFile,
      memoryLimitMb: this.#options.memoryLimitMb,
      onReady: () => {
        for (const upload of this.#active.values()) this.#startClock(upload);
      },
      onCompiled: (id, compilation) => {
        const upload = this.#active.get(id);
        if (upload === undefined) return;
        this.#active.delete(id);
        clearTimeout(upload.timer);
        if (this.#active.size === 0) this.#process?.setBusy(false);
        upload.settle(compilation);
        this.#startWaiting();
      },
      onDeath: (death) => this.#onDeath(death),
    });
  }

  #onDeath(death: CompileDeath): void {
    this.#process = undefined;
    const lost = [...this.#active.values()];
    this.#active.clear();
    for (const upload of lost) clearTimeout(upload.timer);
    const [only, ...others] = lost;
    if (death === 'closed' || death === 'not_started') {
      const text = death === 'closed' ? 'The compiler is closed.' : 'The compile server did not start.';
      for (const upload of lost) upload.fail(new Error(text));
    } else if (only !== undefined && others.length === 0) {
      only.settle(this.#refusal(death));
    } else {
      for (const upload of lost) upload.isSuspect = true;
      this.#waiting.unshift(...lost);
    }
    this.#startWaiting();
  }

  #refusal(death: 'time' | 'memory' | 'crashed'): Compilation {
    const { timeLimitMs, memoryLimitMb } = this.#options;
    const [code, message] = {
      time: ['bundle.compile_time', `Compiling took longer than ${timeLimitMs} ms.`],
      memory: ['bundle.compile_memory', `Compiling took more than ${memoryLimitMb} MiB of memory.`],
      crashed: ['bundle.compile_crashed', 'The source brought the compiler down.'],
    }[death] satisfies readonly string[] as [BundleProblemCode, string];
    return { ok: false, problems: [{ code, message }] };
  }
}

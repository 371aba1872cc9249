import type { Question, RemoteCompiler, Reply } from './worker-messages.ts';

/** Starts the compiler beside the page; it stays for the page's life, since starting it is what takes long. */
const start = (): RemoteCompiler => {
  const worker = new Worker(new URL('./typescript-worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  worker.addEventListener('message', ({ data: { id, value } }: MessageEvent<Reply>) => {
    waiting.get(id)?.(value ?? null);
    waiting.delete(id);
  });
  const ask =
    (method: Question['method']) =>
    (...given: readonly unknown[]): Promise<never> => {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve as (value: unknown) => void);
        worker.postMessage({ id, method, given } satisfies Question);
      });
    };
  return {
    updateFile: ask('updateFile'),
    getLints: ask('getLints'),
    getAutocompletion: ask('getAutocompletion'),
    getHover: ask('getHover'),
  };
};

let started: RemoteCompiler | undefined;

export const remoteCompiler = (): RemoteCompiler => {
  started ??= start();
  return started;
};

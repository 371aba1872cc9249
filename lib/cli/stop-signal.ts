import { EXIT } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Waits for Ctrl-C or SIGTERM; the second one ends the process as it is. */
export const stopOnSignal = (terminal: Terminal) => {
  const stopped = new AbortController();
  const { signal } = stopped;
  const asked = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const release = terminal.onStopSignal(() => {
    if (signal.aborted) process.exit(EXIT.refused);
    stopped.abort();
  });
  return {
    signal,
    asked,
    /** Listens no more. */
    release,
    /** Ends the process if it has not ended by itself. */
    endProcessWithin: (ms: number): void => {
      setTimeout(() => process.exit(EXIT.refused), ms).unref();
    },
  };
};

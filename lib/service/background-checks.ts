import type { CheckRuns } from '../ports/check-runs.ts';
import { type RunCheckNeeds, runCheck } from './run-check.ts';

export interface BackgroundChecks extends CheckRuns {
  /** Nothing is written from now on; resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** Runs checks in this process, beside everything else, one after the other. */
export const backgroundChecks = (
  deps: RunCheckNeeds,
  { onError }: { readonly onError: (error: unknown) => void },
): BackgroundChecks => {
  const closing = new AbortController();
  const { signal } = closing;
  let line: Promise<void> = Promise.resolve();
  return {
    request: async ({ tenant, version, id }) => {
      line = line.then(async () => {
        try {
          await runCheck(deps, { tenant, version, id, hasTime: () => !signal.aborted, signal, onError });
        } catch (error) {
          // It goes on at the next start.
          if (!signal.aborted) onError(error);
        }
      });
    },
    close: () => {
      closing.abort();
      return line;
    },
  };
};

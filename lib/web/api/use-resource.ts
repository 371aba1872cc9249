import { useCallback, useEffect, useState } from 'preact/hooks';

export interface Resource<T> {
  /** What came last; it stays while the next is on its way. */
  readonly value: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  reload(): void;
}

export interface ResourceOptions<T> {
  /** Asks again so long after each answer, while the page can be seen. @default never */
  readonly everyMs?: number;
  /** The answer after which nothing changes any more. @default none */
  readonly until?: (value: T) => boolean;
}

/** Loads when it first shows and whenever one of `inputs` has changed; an answer to an older question is dropped. */
export const useResource = <T>(
  load: () => Promise<T>,
  inputs: readonly unknown[],
  { everyMs, until }: ResourceOptions<T> = {},
): Resource<T> => {
  const [state, setState] = useState<Omit<Resource<T>, 'reload'>>({
    value: undefined,
    error: undefined,
    isLoading: true,
  });
  const [asked, setAsked] = useState(0);
  const reload = useCallback(() => setAsked((count) => count + 1), []);

  // What another question was answered with is no answer to this one.
  useEffect(() => setState({ value: undefined, error: undefined, isLoading: true }), inputs);
  useEffect(() => {
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    const ask = async (): Promise<void> => {
      if (isFirst || !document.hidden) {
        isFirst = false;
        const next = await load().then(
          (value) => ({ value, error: undefined }),
          (error: unknown) => ({ value: undefined, error }),
        );
        if (!isWanted) return;
        setState((last) => ({ ...next, value: next.value ?? last.value, isLoading: false }));
        if (next.value !== undefined && until?.(next.value) === true) return;
      }
      if (isWanted && everyMs !== undefined) timer = setTimeout(ask, everyMs);
    };
    void ask();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [...inputs, asked, everyMs]);

  return { ...state, reload };
};

import type { Instance, Step } from '../../client/operations.ts';
import type { TenonClient } from '../../client/tenon-client.ts';
import { followStream, type StreamState } from '../api/event-stream.ts';
import { isFinal } from './available-actions.ts';

export interface InstancePath {
  readonly tenant: string;
  readonly workflow: string;
  readonly id: string;
  readonly [name: string]: string;
}

/** What is known of an instance. */
export interface InstanceState {
  readonly instance?: Instance;
  /** The first of them, as many as have been asked for. */
  readonly steps: readonly Step[];
  readonly hasMoreSteps: boolean;
  readonly stream: StreamState;
  /** One more with each restart that was seen: what was said before it is of another life. */
  readonly life: number;
  readonly error: unknown;
}

export interface InstanceFeed {
  /** Reads it again, now. */
  refresh(): Promise<void>;
  /** As `refresh`, after a restart. */
  begin(): Promise<void>;
  loadMore(): Promise<void>;
  stop(): void;
}

export interface FeedOptions {
  readonly onState: (state: InstanceState) => void;
  /** Somebody can see it: what nobody tells of is looked for. */
  readonly isSeen: () => boolean;
}

/** Steps behind the first ones, which the detail has. */
interface Page {
  readonly steps: readonly Step[];
  /** Where it begins, and where the next one does. */
  readonly cursor: string;
  readonly next: string | undefined;
}

const GET = 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}';
/** Events come in crowds: so long it takes, at least, from one reading to the next. */
const APART_MS = 200;
/** Nobody tells that an instance has got into a line, or that somebody else has restarted it. */
const LOOK_MS = 10_000;
const LOOK_AT_ENDED_MS = 30_000;
const PAGE_STEPS = 200;

const isOver = ({ steps, next }: Page): boolean =>
  next !== undefined && steps.every(({ endedAt }) => endedAt !== undefined);

/**
 * Follows an instance: its events say that something has changed, and what it is like is then read anew. So what is shown is
 * always the server's word, whatever was lost, paused or begun again in between.
 */
export const followInstance = (
  client: TenonClient,
  path: InstancePath,
  { onState, isSeen }: FeedOptions,
): InstanceFeed => {
  let state: InstanceState = { steps: [], hasMoreSteps: false, stream: 'live', life: 0, error: undefined };
  let pages: readonly Page[] = [];
  let pagesWanted = 0;
  /** One more whenever what was read may be of a life that is over. */
  let begun = 0;
  let isStopped = false;
  let isWanted = false;
  let reading: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let streaming = new AbortController();

  const set = (next: Partial<InstanceState>): void => {
    if (isStopped) return;
    state = { ...state, ...next };
    onState(state);
  };

  const forget = (): void => {
    begun += 1;
    pages = [];
  };

  const readPage = async (cursor: string): Promise<Page> => {
    const answer = await client.call(`${GET}/steps`, { path, query: { cursor, limit: PAGE_STEPS } });
    return { steps: answer.steps, cursor, next: answer.cursor };
  };

  /** What is over stays as it was read. */
  const readPages = async (first: string | undefined): Promise<readonly Page[]> => {
    const read: Page[] = [];
    for (let cursor = first; cursor !== undefined && read.length < pagesWanted; cursor = read.at(-1)?.next) {
      const known = pages[read.length];
      read.push(known?.cursor === cursor && isOver(known) ? known : await readPage(cursor));
    }
    return read;
  };

  const read = async (): Promise<void> => {
    try {
      const begunBefore = begun;
      const instance = await client.call(GET, { path });
      const pagesNow = await readPages(instance.stepsCursor);
      if (begunBefore !== begun) {
        isWanted = true;
        return;
      }
      pages = pagesNow;
      const last = pages.at(-1);
      const wasFinal = state.instance !== undefined && isFinal(state.instance.status);
      set({
        instance,
        steps: [...instance.steps, ...pages.flatMap(({ steps }) => steps)],
        hasMoreSteps: (last === undefined ? instance.stepsCursor : last.next) !== undefined,
        error: undefined,
      });
      // Somebody has restarted it: what had come to its end goes on.
      if (wasFinal && !isFinal(instance.status) && state.stream === 'over') stream();
    } catch (error) {
      set({ error });
    }
  };

  const refresh = (): Promise<void> => {
    isWanted = true;
    reading ??= (async () => {
      while (isWanted && !isStopped) {
        isWanted = false;
        const since = performance.now();
        await read();
        const tookMs = performance.now() - since;
        await new Promise((resolve) => setTimeout(resolve, Math.max(APART_MS, tookMs)));
      }
      reading = undefined;
      lookLater();
    })();
    return reading;
  };

  const lookLater = (): void => {
    clearTimeout(timer);
    if (isStopped) return;
    const hasEnded = state.instance !== undefined && isFinal(state.instance.status);
    timer = setTimeout(() => (isSeen() ? void refresh() : lookLater()), hasEnded ? LOOK_AT_ENDED_MS : LOOK_MS);
  };

  const stream = (): void => {
    streaming.abort();
    streaming = new AbortController();
    const { signal } = streaming;
    forget();
    set({ life: state.life + 1 });
    followStream({
      open: (lastEventId) => client.openStream(`${GET}/subscribe`, { path, lastEventId, signal }),
      onMessages: (messages) => {
        // The first event of a life: what was over may begin again.
        if (messages.some(({ event }) => event === 'workflow_queued')) forget();
        if (messages.some(({ event }) => event !== 'log')) void refresh();
      },
      onState: (next) => {
        const wasAway = state.stream === 'reconnecting';
        set({ stream: next });
        if (wasAway && next === 'live') void refresh();
      },
      isOver: () => state.instance !== undefined && isFinal(state.instance.status),
      signal,
    }).catch((error: unknown) => set({ error }));
  };

  stream();
  void refresh();
  return {
    refresh,
    begin: async () => {
      stream();
      await refresh();
    },
    loadMore: () => {
      pagesWanted = pages.length + 1;
      return refresh();
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      streaming.abort();
    },
  };
};

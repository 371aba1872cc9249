import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type HttpClient, RefusedError, UnreachableError } from '../../client/http-client.ts';

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 30_000;

/** The tail has been stopped while a call was under way. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Asks again, with longer and longer pauses, while the server is away or overrun. What it refuses for good is thrown. */
export class SteadyClient {
  readonly #client: HttpClient;
  readonly #say: (text: string) => void;
  #isLost = false;

  /** `say`: told once that the server is away, and once that it is back. */
  constructor(client: HttpClient, say: (text: string) => void) {
    this.#client = client;
    this.#say = say;
  }

  /** @throws RefusedError, StoppedError */
  async get<T>(
    path: string,
    { query, signal }: Pick<CallOptions, 'query'> & { readonly signal: AbortSignal },
  ): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      try {
        const answer = await this.#client.call<T>('GET', path, { signal, ...(query !== undefined && { query }) });
        if (this.#isLost) this.#say('The server answers again.');
        this.#isLost = false;
        return answer;
      } catch (error) {
        if (signal.aborted) throw new StoppedError();
        if (!isPassing(error)) throw error;
        if (!this.#isLost) this.#say(`${(error as Error).message}. Trying again until it answers; Ctrl-C ends.`);
        this.#isLost = true;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw new StoppedError();
    }
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof UnreachableError ||
  (error instanceof RefusedError && (error.problem.status === 429 || error.problem.status >= 500));

import { AwsError } from '../contract.ts';
import type { FunctionSettings } from './function-settings.ts';

/** How many invocations run: of functions that have a number of their own, and of all others together. */
export class Concurrency {
  readonly #unreserved: number;
  readonly #running = new Map<string, number>();

  constructor(unreserved: number) {
    this.#unreserved = unreserved;
  }

  /** @throws AwsError `TooManyRequestsException` */
  take({ logicalId, reservedConcurrency }: FunctionSettings): Disposable {
    const pool = reservedConcurrency === undefined ? '' : logicalId;
    const running = this.#running.get(pool) ?? 0;
    if (running >= (reservedConcurrency ?? this.#unreserved)) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    this.#running.set(pool, running + 1);
    return { [Symbol.dispose]: () => void this.#running.set(pool, (this.#running.get(pool) ?? 1) - 1) };
  }
}

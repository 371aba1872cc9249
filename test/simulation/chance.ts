import { RandomStream } from '../../lib/core/replay/random.ts';

/** Every decision of a simulation comes from its seed; one stream a purpose, so that one more draw moves no other. */
export class Chance {
  readonly #stream: RandomStream;

  constructor(seed: string) {
    this.#stream = new RandomStream(seed);
  }

  is(probability: number): boolean {
    return probability > 0 && this.#stream.float() < probability;
  }

  /** From 0 inclusive to `limit` exclusive. */
  below(limit: number): number {
    return this.#stream.float() * limit;
  }

  /** A whole number from `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + Math.floor(this.#stream.float() * (last - first + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#stream.float() * items.length)] as T;
  }

  /** 128 bits as hex. */
  id(): string {
    let text = '';
    for (let part = 0; part < 4; part++) text += this.#stream.uint32().toString(16).padStart(8, '0');
    return text;
  }
}

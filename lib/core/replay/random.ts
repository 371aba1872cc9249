/**
 * The deterministic random stream of `run()`: seeded by the instance and by how many settlements have been delivered,
 * so that replay draws the same numbers between the same two deliveries. (xoshiro128**, seeded by an FNV-1a walk.)
 */
export class RandomStream {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
    this.rewind(0);
  }

  /** Starts the stream that belongs to this count of delivered settlements. */
  rewind(delivered: number): void {
    let hash = 0x811c9dc5;
    const text = `${this.#seed}/${delivered}`;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    const spread = () => {
      hash = (hash + 0x9e3779b9) | 0;
      let z = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    this.#a = spread();
    this.#b = spread();
    this.#c = spread();
    this.#d = spread() | 1;
  }

  /** 32 bits, unsigned. */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** 53 bits in [0, 1), as `Math.random` gives. */
  float(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  bytes(count: number): Uint8Array {
    const out = new Uint8Array(count);
    for (let index = 0; index < count; index += 4) {
      const word = this.uint32();
      for (let byte = 0; byte < 4 && index + byte < count; byte++) out[index + byte] = (word >>> (8 * byte)) & 0xff;
    }
    return out;
  }
}

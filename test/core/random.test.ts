import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../lib/core/replay/random.ts';

const take = (stream: RandomStream, count: number): number[] => Array.from({ length: count }, () => stream.uint32());

describe('the random stream of run()', () => {
  it('is the same for the same seed and another for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const drawn = take(new RandomStream(one), 8);
        expect(take(new RandomStream(one), 8)).toEqual(drawn);
        if (one !== other) expect(take(new RandomStream(other), 8)).not.toEqual(drawn);
      }),
    );
  });

  it('begins anew at each delivered settlement, whatever was drawn before', () => {
    const stream = new RandomStream('seed');
    const first = take(stream, 3);
    stream.rewind(1);
    const second = take(stream, 3);
    expect(second).not.toEqual(first);
    take(stream, 100);
    stream.rewind(1);
    expect(take(stream, 3)).toEqual(second);
    stream.rewind(0);
    expect(take(stream, 3)).toEqual(first);
  });

  it('has not changed: journals of yesterday are replayed with it', () => {
    const stream = new RandomStream('tenon');
    stream.rewind(3);
    expect(take(stream, 4)).toMatchInlineSnapshot(`
      [
        737447773,
        1698383674,
        1092354326,
        3069354045,
      ]
    `);
    expect(stream.float()).toMatchInlineSnapshot(`0.10808176061585661`);
  });

  it('gives 32 bits, each as often set as not', () => {
    const stream = new RandomStream('bits');
    const set = new Array<number>(32).fill(0);
    const draws = 4_000;
    for (let draw = 0; draw < draws; draw++) {
      const word = stream.uint32();
      expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).toBe(true);
      for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) set[bit] = (set[bit] ?? 0) + 1;
    }
    for (const count of set) expect(Math.abs(count / draws - 0.5)).toBeLessThan(0.05);
  });

  it('gives floats in [0, 1), spread evenly', () => {
    const stream = new RandomStream('floats');
    const buckets = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      const float = stream.float();
      expect(float >= 0 && float < 1).toBe(true);
      const bucket = Math.floor(float * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it('starts differently for neighbours: many instances at their first draw', () => {
    const firsts = new Set(Array.from({ length: 2_000 }, (_, index) => new RandomStream(`i-${index}`).uint32()));
    expect(firsts.size).toBeGreaterThan(1_995);
  });

  it.each([0, 1, 3, 4, 5, 16])('gives %d bytes', (count) => {
    expect(new RandomStream('bytes').bytes(count)).toHaveLength(count);
  });

  it('takes bytes from the same words, lowest first', () => {
    const [word = 0] = take(new RandomStream('words'), 1);
    const bytes = new RandomStream('words').bytes(4);
    expect(new DataView(bytes.buffer).getUint32(0, true)).toBe(word);
  });
});

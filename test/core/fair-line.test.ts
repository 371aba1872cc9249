import { describe, expect, it } from 'vitest';
import { FairLine } from '../../lib/core/fair-line.ts';

const lineOf = (...items: readonly string[]): FairLine<string> => {
  const line = new FairLine<string>();
  for (const item of items) line.add(item.charAt(0), item);
  return line;
};
const drained = (line: FairLine<string>, may?: (owner: string) => boolean): readonly string[] => {
  const out: string[] = [];
  for (let next = line.next(may); next !== undefined; next = line.next(may)) out.push(next);
  return out;
};

describe('a fair line', () => {
  it('lets owners take turns, and each of them in the order in which it came', () => {
    expect(drained(lineOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2'))).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  it('lets somebody who comes late go before all but the next one of who has many', () => {
    const line = lineOf('a1', 'a2', 'a3', 'a4');
    expect([line.next(), line.next()]).toEqual(['a1', 'a2']);
    line.add('b', 'b1');
    expect(drained(line)).toEqual(['b1', 'a3', 'a4']);
  });

  it('makes who uses much wait longer', () => {
    const line = lineOf('a1', 'a2', 'b1', 'b2', 'b3');
    expect(line.next()).toBe('a1');
    line.charge('a', 2);
    line.charge('nobody', 5);
    expect(drained(line)).toEqual(['b1', 'b2', 'b3', 'a2']);
  });

  it('passes over those that may not, and keeps them', () => {
    const line = lineOf('a1', 'b1', 'a2', 'c1');
    expect(drained(line, (owner) => owner !== 'a')).toEqual(['b1', 'c1']);
    expect(line.size).toBe(2);
    expect(drained(line)).toEqual(['a1', 'a2']);
    expect(line.size).toBe(0);
  });

  it('saves up no rest for who was away', () => {
    const line = lineOf('a1', 'a2', 'a3');
    expect(drained(line)).toEqual(['a1', 'a2', 'a3']);
    for (const item of ['a4', 'a5', 'b1', 'b2', 'b3']) line.add(item.charAt(0), item);
    expect(drained(line).slice(0, 4)).toEqual(['a4', 'b1', 'a5', 'b2']);
  });

  it('is empty when it is cleared', () => {
    const line = lineOf('a1', 'b1');
    line.clear();
    expect([line.size, line.next()]).toEqual([0, undefined]);
  });
});

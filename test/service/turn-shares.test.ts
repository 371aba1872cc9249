import { describe, expect, it } from 'vitest';
import { TurnShares } from '../../lib/service/turn-shares.ts';

/** Time goes on by hand; what was to be done later is done then. */
const sharesOf = (maxTurns: number) => {
  let now = 0;
  const later: { at: number; action: () => void }[] = [];
  const timer = {
    after: (ms: number, action: () => void) => {
      const one = { at: now + ms, action };
      later.push(one);
      return () => void later.splice(later.indexOf(one), later.includes(one) ? 1 : 0);
    },
  };
  const shares = new TurnShares({ clock: { now: () => now }, timer }, maxTurns);
  const goOn = (ms: number): void => {
    now += ms;
    for (const one of later.filter(({ at }) => at <= now)) {
      later.splice(later.indexOf(one), 1);
      one.action();
    }
  };
  /** As many as it may, and no more than that. */
  const fill = (tenant: string, most = 1_000): (() => void)[] => {
    const ends: (() => void)[] = [];
    while (ends.length < most && shares.mayBegin(tenant)) ends.push(shares.begin(tenant, () => {}));
    return ends;
  };
  return { shares, goOn, fill };
};

describe('what tenants have of the turns of a process', () => {
  it('is at most half of what the others leave, so that one more has room', () => {
    const { shares, goOn, fill } = sharesOf(16);
    expect(fill('a')).toHaveLength(8);
    goOn(60);
    expect(fill('a')).toHaveLength(0);
    expect(fill('b', 4).length).toBeGreaterThan(0);
    goOn(60);
    fill('b', 4);
    expect(shares.active).toBeLessThanOrEqual(12);
    expect(shares.mayBegin('c')).toBe(true);
  });

  it('is one turn at least, and no more than there are in all', () => {
    const { shares, fill } = sharesOf(1);
    expect(fill('a')).toHaveLength(1);
    expect(shares.mayBegin('b')).toBe(false);
  });

  it('is only so many at their beginning, and more when those rest or have ended', () => {
    const { shares, goOn, fill } = sharesOf(256);
    const [end] = fill('a');
    expect(shares.active).toBe(16);
    end?.();
    expect(fill('a')).toHaveLength(1);
    goOn(60);
    expect(fill('a')).toHaveLength(16);
  });

  it('is less at their beginning while others are there, and a little in any case', () => {
    const { goOn, fill } = sharesOf(256);
    fill('b', 1);
    expect(fill('a')).toHaveLength(2);
    for (const other of ['c', 'd', 'e', 'f', 'g']) fill(other, 1);
    goOn(60);
    expect(fill('a')).toHaveLength(1);
    goOn(2_500);
    expect(fill('a')).toHaveLength(16);
  });

  it('tells when a turn that lasts makes room', () => {
    const { shares, goOn } = sharesOf(256);
    let told = 0;
    const end = shares.begin('a', () => {
      told += 1;
    });
    shares.begin('a', () => {
      told += 1;
    });
    end();
    goOn(60);
    expect(told).toBe(1);
  });
});

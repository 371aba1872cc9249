import { describe, expect, it } from 'vitest';
import { breakDown, type CpuProfile } from '../../bench/profile.ts';

function node(id: number, functionName: string, url: string, children: readonly number[] = []) {
  return { id, callFrame: { functionName, url }, children };
}

const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 3, 4, 8]),
    node(2, '(idle)', ''),
    node(3, '(garbage collector)', ''),
    node(4, 'parserOnIncoming', 'node:_http_server', [5, 7]),
    node(5, 'commit', 'file:///srv/lib/adapters/embedded/sqlite-instance-store.ts', [6]),
    node(6, 'run', ''),
    node(7, 'dispatch', 'file:///srv/node_modules/hono/dist/hono-base.js'),
    node(8, 'stringify', 'file:///srv/node_modules/devalue/src/stringify.js'),
  ],
  samples: [2, 3, 4, 5, 6, 7, 8],
  timeDeltas: [50_000, 1000, 2000, 3000, 4000, 1500, 500],
};

describe('breakdown of a CPU profile', () => {
  it('adds self time by area, largest first, and leaves waiting out', () => {
    expect(breakDown(profile).map(({ area, ms }) => [area, ms])).toEqual([
      ['storage: SQLite, commit', 7],
      ['HTTP: Node', 2],
      ['HTTP: routes, Hono', 1.5],
      ['garbage collection', 1],
      ['package devalue', 0.5],
    ]);
  });

  it('counts native functions for whoever called them', () => {
    const withoutNative = { ...profile, samples: [5], timeDeltas: [3000] };
    const withNative = { ...profile, samples: [5, 6], timeDeltas: [3000, 4000] };
    expect(breakDown(withNative)[0]?.area).toBe(breakDown(withoutNative)[0]?.area);
  });

  it('gives shares that add up to one', () => {
    expect(breakDown(profile).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });
});

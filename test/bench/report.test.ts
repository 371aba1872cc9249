import { describe, expect, it } from 'vitest';
import {
  compare,
  type Measurement,
  type Result,
  type SystemSummary,
  summarizeLevel,
  tablesOf,
} from '../../bench/report.ts';
import { withResults } from '../../bench/results-page.ts';

const emptyPage = `# Performance

<!-- results: written by npm run bench -- report -->
old
<!-- end of results -->

after
`;

function measured(instancesPerSecond: number, p50: number, cpuMsPerInstance?: number): Measurement {
  const latencyMs = { p50, p90: p50 * 2, p99: p50 * 3, max: p50 * 4 };
  return { instances: 100, seconds: 1, instancesPerSecond, latencyMs, cpuMsPerInstance };
}

function system(name: string, c1: readonly Measurement[], c50: readonly Measurement[]): SystemSummary {
  return {
    versions: { [name]: '1.2.3' },
    durability: `${name} syncs`,
    completion: `${name} waits`,
    repeatedRounds: 0,
    levels: { c1: summarizeLevel(1, c1), c50: summarizeLevel(50, c50) },
  };
}

const ours = system('tenon', [measured(400, 2), measured(300, 3), measured(500, 1)], [measured(3000, 10)]);
const cloudflare = system('workerd', [measured(40, 24), measured(50, 20), measured(30, 30)], [measured(30, 1500)]);
const comparison = compare(3, ours, { cloudflare, restate: { skipped: 'no binary for this platform' } });

describe('report of the benchmark', () => {
  it('gives one object with rounds, ours, peers and ratios', () => {
    expect(Object.keys(comparison)).toEqual(['rounds', 'ours', 'peers', 'ratios']);
    expect(comparison.rounds).toBe(3);
    expect(Object.keys(comparison.peers)).toEqual(['cloudflare', 'restate']);
  });

  it('divides our median by the median of the peer, for throughput and, with one caller, for p50', () => {
    expect(comparison.ratios.cloudflare).toEqual({ c1: 10, c1_p50: 0.083, c50: 100 });
  });

  it('gives no ratio for a peer that was skipped, and its reason in its place', () => {
    expect(comparison.ratios).not.toHaveProperty('restate');
    expect(comparison.peers.restate).toEqual({ skipped: 'no binary for this platform' });
  });

  it('counts the instances of all rounds and keeps the spread between them', () => {
    expect(ours.levels.c1).toMatchObject({
      callers: 1,
      instances: 300,
      instancesPerSecond: { median: 400, min: 300, max: 500, rounds: [400, 300, 500] },
      p50Ms: { median: 2, min: 1, max: 3 },
    });
  });

  it('leaves CPU out where the machine does not tell it', () => {
    expect(summarizeLevel(1, [measured(10, 1)])).not.toHaveProperty('cpuMsPerInstance');
    expect(summarizeLevel(1, [measured(10, 1, 5)]).cpuMsPerInstance?.median).toBe(5);
  });

  it('shows figures, ratios, settings and the reason of a skipped peer in the tables', () => {
    const text = tablesOf(comparison);
    expect(text).toMatch(/\| tenon +\| 1 +\| 400 \(300 to 500\) +\| 2\.00 \(1\.00 to 3\.00\)/);
    expect(text).toMatch(/\| tenon \/ cloudflare +\| 50 +\| 100\.00 +\|/);
    expect(text).toContain('- cloudflare (workerd 1.2.3). Durable: workerd syncs. A caller: workerd waits.');
    expect(text).toContain('- restate: skipped. no binary for this platform');
  });
});

describe('a peer that broke off', () => {
  it('is shown with the number of rounds that were measured again', () => {
    const text = tablesOf(compare(3, ours, { cloudflare: { ...cloudflare, repeatedRounds: 1 } }));
    expect(text).toContain('Rounds measured again after it broke off: 1.');
  });
});

describe('the page of results', () => {
  it('says that nothing is recorded when there is nothing', () => {
    expect(withResults(emptyPage, [])).toContain('No results are recorded yet.');
  });

  it('replaces what stood between the marks and leaves the rest, as often as it is done', () => {
    const result: Result = {
      workload: 'W1',
      title: 'ten steps',
      measuredAt: '2026-11-20T10:00:00.000Z',
      machine: { cpu: 'cpu', cores: 2, memoryGb: 23, system: 'linux', node: 'v24', dataFileSystem: 'ext4' },
      commit: { id: '0123456789abcdef', hasLocalChanges: false },
      ...comparison,
    };
    const page = withResults(emptyPage, [result]);
    expect(page).toContain('### W1: ten steps');
    expect(page).toContain('2026-11-20, commit 0123456789ab, 3 rounds; cpu, 2 cores, 23 GB');
    expect(page).not.toContain('old');
    expect(page).toMatch(/<!-- end of results -->\n\nafter\n$/);
    expect(withResults(page, [result])).toBe(page);
  });

  it('refuses a page without marks', () => {
    expect(() => withResults('# Performance', [])).toThrow(/needs the lines/);
  });
});

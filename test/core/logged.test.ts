import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lib/core/admit.ts';
import { journalBefore } from '../../lib/core/decide.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { Replay } from '../../lib/core/replay/replay.ts';
import { stepViews } from '../../lib/core/step-view.ts';
import { fold, started, stepSettled } from './journal-fixture.ts';

const logged = (...messages: readonly string[]): JournalRecord => ({
  kind: 'logged',
  at: 2,
  lines: messages.map((message) => ({ at: 2, level: 'log', message })),
});

describe('what was said', () => {
  it('is counted by its characters, and its records are not counted towards their limit', () => {
    const records = [started(1), logged('abc', 'de'), logged('f'), stepSettled('a', 3)];
    const state = fold(records);
    expect([state.position, state.logRecords, state.logChars]).toEqual([4, 2, 6]);
    const full = fold(Array.from({ length: 40 }, () => logged('x')));
    expect(refusalOf(full, stepSettled('a', 3), { steps: 9, records: 1 }, 1_000)).toBeUndefined();
    const replay = new Replay({ limits: { steps: 9, records: 3 }, hasMore: false });
    replay.load(
      records.map((record, position) => ({ position, record })),
      false,
    );
    expect(replay.isFull).toBe(false);
  });

  it('is written by the dispatcher alone', () => {
    expect(refusalOf(fold([started(1)]), logged('forged'), { steps: 9, records: 99 }, 1_000)).toBe(
      'only the dispatcher writes such a record',
    );
  });

  it('is no step, and does not outlive a restart', () => {
    const records = [started(1), logged('x'), stepSettled('a', 3)];
    expect(stepViews(records)).toHaveLength(1);
    expect(journalBefore(records, 2)).toEqual([started(1), stepSettled('a', 3)]);
  });

  it('is new once run() has been given more than the journal held when the turn began', () => {
    const replay = new Replay({ limits: { steps: 9, records: 99 }, hasMore: false });
    replay.load(
      [started(1), stepSettled('a', 3)].map((record, position) => ({ position, record })),
      false,
    );
    for (const name of ['a', 'b']) replay.call('do', name, undefined, () => {});
    replay.next(new Map());
    expect([replay.isLive, replay.isBeyondJournal]).toEqual([true, false]);
    replay.propose(stepSettled('b', 4, { ordinal: 2 }));
    replay.next(new Map());
    expect(replay.isBeyondJournal).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { journalBefore } from '../../lib/core/decide.ts';
import { violationsOf } from '../../lib/core/invariants.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import {
  eventConsumed,
  eventReceived,
  fold,
  key,
  richJournal,
  started,
  stepSettled,
  waitStarted,
} from './journal-fixture.ts';

const seqs = (records: readonly JournalRecord[]) =>
  records.flatMap((record) =>
    record.kind === 'event_received' || record.kind === 'event_consumed' ? [record.seq] : [],
  );

describe('the journal of a restart from a step', () => {
  it('holds what was recorded of the steps that started before it, and nothing of the others', () => {
    for (let ordinal = 1; ordinal <= 9; ordinal++) {
      const kept = journalBefore(richJournal, ordinal);
      const left = new Set(kept.flatMap((record) => ('ordinal' in record ? [record.ordinal] : [])));
      expect([...left]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].filter((other) => other < ordinal && left.has(other)));
      expect([...left].length).toBe(ordinal - 1);
    }
  });

  it('is sound wherever it is cut (E1, E3, E5, E7)', () => {
    for (let ordinal = 1; ordinal <= 9; ordinal++) {
      expect(violationsOf(journalBefore(richJournal, ordinal))).toEqual([]);
    }
  });

  it('keeps the start and neither pauses nor losses nor the end', () => {
    const kinds = new Set(journalBefore(richJournal, 99).map(({ kind }) => kind));
    expect(kinds.has('started')).toBe(true);
    const gone = [
      'pause_requested',
      'paused',
      'resumed',
      'turn_failed',
      'inbox_gap_closed',
      'diverged',
      'completed',
    ] as const;
    expect(gone.filter((kind) => kinds.has(kind))).toEqual([]);
  });

  it('keeps the events that kept waits consumed, under numbers below the new inbox', () => {
    const all = journalBefore(richJournal, 99);
    expect(seqs(all)).toEqual([-1, -2, -1, -2]);
    expect(fold(all)).toMatchObject({ takenSeq: 0, bufferedCount: 0 });
    expect(fold(all).stepOf(key('waitForEvent', 'approval'))?.phase).toBe('settled');
  });

  it('clears events that are buffered, or that a wiped wait consumed', () => {
    const journal = [
      started(),
      eventReceived(1, 1),
      eventReceived(2, 1),
      eventReceived(3, 1),
      waitStarted('one', 2, { ordinal: 1 }),
      eventConsumed('one', 2, { ordinal: 1, seq: 1 }),
      stepSettled('a', 3, { ordinal: 2 }),
      waitStarted('two', 4, { ordinal: 3 }),
      eventConsumed('two', 4, { ordinal: 3, seq: 2 }),
    ];
    const kept = journalBefore(journal, 2);
    expect(seqs(kept)).toEqual([-1, -1]);
    expect(fold(kept).bufferedCount).toBe(0);
  });

  it('can be cut again, and the inherited events keep their places', () => {
    const once = journalBefore(richJournal, 99);
    const longer = [
      ...once,
      eventReceived(1, 50),
      waitStarted('more', 51, { ordinal: 9 }),
      eventConsumed('more', 51, { ordinal: 9, seq: 1 }),
    ];
    const twice = journalBefore(longer, 10);
    expect(violationsOf(twice)).toEqual([]);
    expect(seqs(twice)).toEqual([-1, -2, -1, -2, -4, -4]);
    const back = journalBefore(longer, 5);
    expect(seqs(back)).toEqual([-1, -1]);
  });

  it('of the first step is a start and nothing else', () => {
    expect(journalBefore(richJournal, 1)).toEqual([started(1)]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lib/core/admit.ts';
import { violationsOf } from '../../lib/core/invariants.ts';
import { DAY_MS, MAX_WAIT_MS } from '../../lib/core/limits.ts';
import type { JournalRecord, StepConfig } from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import {
  attemptFailed,
  attemptStarted,
  boom,
  completed,
  eventConsumed,
  eventReceived,
  fold,
  pauseRequested,
  resumed,
  richJournal,
  sleepCompleted,
  sleepStarted,
  started,
  stepSettled,
  turnFailed,
  waitStarted,
  waitTimedOut,
} from './journal-fixture.ts';

const LIMITS = { steps: 100, records: 400 };
const NOW = 1_000;

const OF_DISPATCHER = new Set<JournalRecord['kind']>([
  'event_received',
  'completion_received',
  'inbox_gap_closed',
  'pause_requested',
  'paused',
  'resumed',
  'turn_failed',
  'terminated',
]);

/** What `admit` says to `record` after `before`. */
const refusal = (before: readonly JournalRecord[], record: unknown, limits = LIMITS): string | undefined =>
  refusalOf(fold(before), record as JournalRecord, limits, NOW);

const config: StepConfig = { retries: { limit: 1, delayMs: 5, backoff: 'constant' }, timeoutMs: 5 };

describe('a proposed record', () => {
  it('is admitted where it follows from the journal, for one of every kind', () => {
    const state = new JournalState();
    for (const record of richJournal) {
      if (!OF_DISPATCHER.has(record.kind)) expect(refusalOf(state, record, LIMITS, NOW)).toBeUndefined();
      state.apply(record);
    }
  });

  it('is refused once the instance has finished', () => {
    for (const end of [completed(5), { kind: 'terminated', at: 5 } as const]) {
      expect(refusal([started(), end], stepSettled('a', 6))).toBe('the instance has finished');
    }
  });

  it.each([
    ['before the last one', 4],
    ['in the future', NOW + 5_001],
    ['at no number', 'soon'],
    ['at NaN', Number.NaN],
    ['between two milliseconds', 5.5],
    ['nowhere', undefined],
  ])('is refused %s', (_, at) => {
    expect(refusal([started(5)], { kind: 'unrecorded_effect', what: 'x', at })).toMatch(/its time is/);
  });

  it('may run a little ahead of the dispatcher, whose clock is another', () => {
    expect(refusal([started(5)], { kind: 'unrecorded_effect', what: 'x', at: NOW + 5_000 })).toBeUndefined();
  });

  it('is refused in a full journal, unless it ends the instance', () => {
    const full = Array.from({ length: 20 }, (_, index) => started(index));
    const limits = { steps: 1, records: 4 };
    expect(refusal(full, stepSettled('a', 30), limits)).toBe('the journal is full');
    expect(refusal(full.slice(1), stepSettled('a', 30), limits)).toBeUndefined();
    expect(refusal(full, completed(30), limits)).toBeUndefined();
    expect(refusal(full, { kind: 'errored', at: 30, error: boom }, limits)).toBeUndefined();
  });

  it.each([
    eventReceived(1, 5),
    { kind: 'inbox_gap_closed', at: 5, seq: 1 },
    pauseRequested(1, 5),
    { kind: 'paused', at: 5 },
    resumed(1, 5),
    turnFailed(5),
    { kind: 'moved', at: 5, from: 'v1', to: 'v2' },
    { kind: 'terminated', at: 5 },
  ])('is refused where only the dispatcher writes it: $kind', (record) => {
    expect(refusal([started()], record)).toBe('only the dispatcher writes such a record');
  });

  it.each(['', 'hack', 'constructor', '__proto__', 5, null])('is refused where its kind is %j', (kind) => {
    expect(refusal([started()], { kind, at: 5 })).toMatch(/^there is no such record/);
  });

  it('is refused with a field that its kind has not', () => {
    for (const record of richJournal) {
      if (OF_DISPATCHER.has(record.kind)) continue;
      const index = richJournal.indexOf(record);
      const before = richJournal.slice(0, index);
      expect(refusal(before, record)).toBeUndefined();
      expect(refusal(before, { ...record, junk: 'x' })).toBe('it has a field that it must not have');
    }
  });
});

describe('a start', () => {
  it('comes once', () => {
    expect(refusal([], started())).toBeUndefined();
    expect(refusal([eventReceived(1, 0)], started())).toBeUndefined();
    expect(refusal([started()], started(5))).toBe('the instance has started before');
  });
});

describe('a record of a step', () => {
  it.each([
    ['without a step', { step: undefined }],
    ['with a step that is null', { step: null }],
    ['with a text for a step', { step: 'do:1:a' }],
    ['with a list for a step', { step: [] }],
    ['of an unknown kind of step', { step: { kind: 'nap', name: 'a', count: 1 } }],
    ['without a name', { step: { kind: 'do', name: '', count: 1 } }],
    ['with a huge name', { step: { kind: 'do', name: 'x'.repeat(257), count: 1 } }],
    ['with control characters in its name', { step: { kind: 'do', name: 'a\n', count: 1 } }],
    ['with count 0', { step: { kind: 'do', name: 'a', count: 0 } }],
    ['with a text for a count', { step: { kind: 'do', name: 'a', count: '1' } }],
    ['with more in its key', { step: { kind: 'do', name: 'a', count: 1, junk: 'x' } }],
    ['without an ordinal', { ordinal: undefined }],
    ['with a broken ordinal', { ordinal: 1.5 }],
  ])('is refused %s', (_, change) => {
    expect(refusal([started()], { ...stepSettled('a', 5), ...change })).toMatch(/it names no (kind of )?step/);
  });

  it('is refused after the outcome of its step (E1)', () => {
    const before = [started(), stepSettled('a', 5), sleepStarted('n', 5, { until: 6 }), sleepCompleted('n', 6)];
    expect(refusal(before, stepSettled('a', 7))).toBe('do:1:a has its outcome');
    expect(refusal(before, attemptStarted('a', 7, { attempt: 2 }))).toBe('do:1:a has its outcome');
    expect(refusal(before, sleepCompleted('n', 7))).toBe('sleep:1:n has its outcome');
    expect(refusal(before, sleepStarted('n', 7))).toBe('sleep:1:n has its outcome');
  });

  it('is refused under another ordinal than that of its first record (E4)', () => {
    const before = [started(), attemptStarted('a', 5, { ordinal: 3 }), sleepStarted('n', 5, { ordinal: 4, until: 6 })];
    expect(refusal(before, stepSettled('a', 6, { ordinal: 2 }))).toBe('do:1:a has the ordinal 3');
    expect(refusal(before, sleepCompleted('n', 6, { ordinal: 5 }))).toBe('sleep:1:n has the ordinal 4');
    expect(refusal(before, stepSettled('a', 6, { ordinal: 3 }))).toBeUndefined();
  });
});

describe('an attempt', () => {
  it('belongs to a step.do', () => {
    const sleeping = { kind: 'sleep', name: 'a', count: 1 };
    expect(refusal([started()], { ...attemptStarted('a', 5), step: sleeping })).toBe('only step.do has attempts');
  });

  it.each([0, -1, 1.5, '1', undefined])('is not numbered %j', (attempt) => {
    expect(refusal([started()], { ...attemptStarted('a', 5), attempt })).toBe('it numbers no attempt');
  });

  it('comes in order', () => {
    expect(refusal([started()], attemptStarted('a', 5, { attempt: 2 }))).toBe('its first attempt is missing');
    const failed = [started(), attemptFailed('a', 5)];
    expect(refusal(failed, attemptStarted('a', 6, { attempt: 1 }))).toBe('attempt 2 is due');
    expect(refusal(failed, attemptStarted('a', 6, { attempt: 3 }))).toBe('attempt 2 is due');
    expect(refusal(failed, attemptStarted('a', 6, { attempt: 2 }))).toBeUndefined();
    expect(refusal([...failed, attemptStarted('a', 6, { attempt: 2 })], stepSettled('a', 7, { attempt: 3 }))).toBe(
      'attempt 2 is due',
    );
  });

  it('does not start beside one that is open', () => {
    const open = [started(), attemptStarted('a', 5)];
    expect(refusal(open, attemptStarted('a', 6))).toBe('the attempt before it has not ended');
    expect(refusal([...open, turnFailed(6, false)], attemptStarted('a', 7))).toBeUndefined();
    expect(refusal([...open, turnFailed(6)], attemptStarted('a', 7))).toBe('the attempt before it has not ended');
  });

  it('is refused beyond the limit of steps', () => {
    const before = [started(), stepSettled('a', 5)];
    const limits = { steps: 1, records: 40 };
    expect(refusal(before, stepSettled('b', 6, { ordinal: 2 }), limits)).toBe('the limit of 1 steps has been reached');
    expect(refusal(before, sleepStarted('b', 6, { ordinal: 2 }), limits)).toBeUndefined();
  });

  it.each([-1, 1.5, '5', Number.NaN, null])('started at no moment such as %j', (startedAt) => {
    expect(refusal([started()], { ...stepSettled('a', 5), startedAt })).toBe('it started at no moment');
  });

  it.each([-1, 1.5, 'soon', undefined, 5 + MAX_WAIT_MS + 1])('is not tried again at %j', (retryAt) => {
    expect(refusal([started()], { ...attemptFailed('a', 5), retryAt })).toBe('its retry is no moment');
  });

  it('may be tried again as late as a year away', () => {
    expect(refusal([started()], attemptFailed('a', 5, { retryAt: 5 + MAX_WAIT_MS }))).toBeUndefined();
  });

  it.each([
    null,
    'fast',
    [],
    {},
    { ...config, retries: undefined },
    { ...config, retries: 5 },
    { ...config, retries: { ...config.retries, junk: 1 } },
    { ...config, retries: { ...config.retries, limit: -1 } },
    { ...config, retries: { ...config.retries, limit: '5' } },
    { ...config, retries: { ...config.retries, delayMs: -1 } },
    { ...config, retries: { ...config.retries, delayMs: MAX_WAIT_MS + 1 } },
    { ...config, retries: { ...config.retries, backoff: 'random' } },
    { ...config, timeoutMs: 0 },
    { ...config, timeoutMs: MAX_WAIT_MS + 1 },
    { ...config, timeoutMs: 'long' },
    { ...config, sensitive: 'input' },
    { ...config, junk: 'x'.repeat(100) },
  ])('is refused with the config %j', (forged) => {
    expect(refusal([started()], { ...stepSettled('a', 5), config: forged })).toBe('its config is none');
  });

  it('is admitted with a whole config', () => {
    expect(refusal([started()], stepSettled('a', 5, { config }))).toBeUndefined();
    const dynamic = { ...config, retries: { ...config.retries, delayMs: null }, sensitive: 'output' as const };
    expect(refusal([started()], stepSettled('a', 5, { config: dynamic }))).toBeUndefined();
  });
});

describe('an outcome', () => {
  it.each([
    [undefined, 'it has no outcome'],
    [null, 'it has no outcome'],
    ['ok', 'it has no outcome'],
    [{}, 'it has no outcome'],
    [{ ok: 'yes', value: '[1]' }, 'it has no outcome'],
    [{ ok: true }, 'its value is none'],
    [{ ok: true, value: { ref: 'elsewhere', bytes: 5 } }, 'its value is none'],
    [{ ok: true, value: { stream: 5, bytes: 5 } }, 'its value is none'],
    [{ ok: true, value: { stream: 'a', bytes: -1 } }, 'its value is none'],
    [{ ok: true, value: { stream: 'a', bytes: 1_073_741_825 } }, 'its value is none'],
    [{ ok: true, value: { stream: 'a', bytes: 1, junk: 1 } }, 'its value is none'],
    [{ ok: true, value: 'x'.repeat(8_388_609) }, 'its value is none'],
    [{ ok: true, value: '[1]', junk: 1 }, 'its value is none'],
    [{ ok: false }, 'it has no error'],
    [{ ok: false, error: boom, junk: 1 }, 'it has no outcome'],
    [{ ok: false, error: null }, 'it has no error'],
    [{ ok: false, error: 'boom' }, 'it has no error'],
    [{ ok: false, error: {} }, 'its error is none'],
    [{ ok: false, error: { name: 'Error' } }, 'its error is none'],
    [{ ok: false, error: { ...boom, name: 'x'.repeat(1_025) } }, 'its error is none'],
    [{ ok: false, error: { ...boom, message: 'x'.repeat(65_537) } }, 'its error is none'],
    [{ ok: false, error: { ...boom, stack: 5 } }, 'its error is none'],
    [{ ok: false, error: { ...boom, encoded: { ref: 'x', bytes: 1 } } }, 'its error is none'],
    [{ ok: false, error: { ...boom, junk: 'x' } }, 'its error is none'],
  ])('is not %j', (outcome, why) => {
    expect(refusal([started()], { ...stepSettled('a', 5), outcome })).toBe(why);
  });

  it('may be a stream, as long as an instance may store', () => {
    const value = { stream: 'life/1/a', bytes: 1_073_741_824 };
    expect(refusal([started()], stepSettled('a', 5, { value }))).toBeUndefined();
  });

  it('may be an error with stack and fields', () => {
    const error = { ...boom, stack: 'Error: boom\n  at x', encoded: '[{}]' };
    expect(refusal([started()], stepSettled('a', 5, { error }))).toBeUndefined();
    expect(refusal([started()], { kind: 'errored', at: 5, error })).toBeUndefined();
    expect(refusal([started()], { ...attemptFailed('a', 5), error: 'boom' })).toBe('it has no error');
  });

  it('of the instance is a value or an error', () => {
    expect(refusal([started()], { kind: 'completed', at: 5 })).toBe('its output is none');
    expect(refusal([started()], { kind: 'completed', at: 5, output: { ref: 'x', bytes: 1 } })).toBe(
      'its output is none',
    );
    expect(refusal([started()], { kind: 'errored', at: 5 })).toBe('it has no error');
  });
});

describe('a sleep', () => {
  it('starts once, as a sleep', () => {
    const wrong = { ...sleepStarted('a', 5), step: { kind: 'do', name: 'a', count: 1 } };
    expect(refusal([started()], wrong)).toBe('it is of another kind');
    expect(refusal([started(), sleepStarted('a', 5)], sleepStarted('a', 6))).toBe('it has started before');
    expect(refusal([started()], { ...sleepStarted('a', 5), step: null })).toBe('it names no step');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 'soon', undefined, 5 + MAX_WAIT_MS + 1])(
    'does not end at %j',
    (until) => {
      expect(refusal([started()], { ...sleepStarted('a', 5), until })).toBe('it sleeps too long');
    },
  );

  it('may end in the past', () => {
    expect(refusal([started()], sleepStarted('a', 5, { until: -1 }))).toBeUndefined();
  });

  it('is over when its time has come, and not before', () => {
    const before = [started(), sleepStarted('a', 5, { until: 50 })];
    expect(refusal(before, sleepCompleted('a', 49))).toBe('it is not over yet');
    expect(refusal(before, sleepCompleted('a', 50))).toBeUndefined();
    expect(refusal([started()], sleepCompleted('a', 50))).toBe('it is not sleeping');
    expect(refusal([started()], { ...sleepCompleted('a', 50), step: null })).toBe('it names no step');
  });

  it('may be over at its first time where the guest has not heard yet of a pause that moved it', () => {
    const before = [started(), sleepStarted('a', 5, { until: 50 }), pauseRequested(1, 6), resumed(2, 16)];
    expect(refusal(before, sleepCompleted('a', 49))).toBe('it is not over yet');
    expect(refusal(before, sleepCompleted('a', 50))).toBeUndefined();
  });
});

describe('a wait', () => {
  const waiting = [started(), waitStarted('w', 5, { timeoutMs: 100 })];

  it.each([
    [{ eventType: 5 }, 'its event type is none'],
    [{ eventType: 'no way' }, 'its event type is none'],
    [{ eventType: undefined }, 'its event type is none'],
    [{ timeoutMs: 7 }, 'it waits too long'],
    [{ until: 5.5, timeoutMs: 0.5 }, 'it waits too long'],
    [{ until: 'soon' }, 'it waits too long'],
    [{ until: 5 + MAX_WAIT_MS + 1, timeoutMs: MAX_WAIT_MS + 1 }, 'it waits too long'],
  ])('does not start with %j', (change, why) => {
    expect(refusal([started()], { ...waitStarted('w', 5), ...change })).toBe(why);
  });

  it('takes the first event of its type, and no other (E5)', () => {
    const before = [...waiting, eventReceived(1, 6), eventReceived(2, 6), eventReceived(3, 6, { eventType: 'other' })];
    expect(refusal(before, eventConsumed('w', 7, { seq: 2 }))).toBe('the event is not the first of its type');
    expect(refusal(before, eventConsumed('w', 7, { seq: 3 }))).toBe('the event is not the first of its type');
    expect(refusal(before, eventConsumed('w', 7, { seq: 4 }))).toBe('the event is not the first of its type');
    expect(refusal(before, eventConsumed('w', 7, { seq: 1 }))).toBeUndefined();
    expect(refusal([started(), ...before.slice(2)], eventConsumed('w', 7))).toBe('it is not waiting');
  });

  it('takes no event that was accepted after its deadline', () => {
    const late = [...waiting, eventReceived(1, 200, { acceptedAt: 106 })];
    expect(refusal(late, eventConsumed('w', 200))).toBe('the event came after the deadline');
    expect(refusal(late, waitTimedOut('w', 200))).toBeUndefined();
    const inTime = [...waiting, eventReceived(1, 200, { acceptedAt: 105 })];
    expect(refusal(inTime, eventConsumed('w', 200))).toBeUndefined();
  });

  it('may time out beside an event that came in when the guest had asked for the last time (E5)', () => {
    expect(refusal([...waiting, eventReceived(1, 200, { acceptedAt: 105 })], waitTimedOut('w', 200))).toBeUndefined();
  });

  it('does not time out early', () => {
    expect(refusal(waiting, waitTimedOut('w', 104))).toBe('it is not over yet');
    expect(refusal(waiting, waitTimedOut('w', 105))).toBeUndefined();
  });
});

describe('a note', () => {
  it.each([
    { kind: 'diverged', expected: 5, got: 'x' },
    { kind: 'diverged', expected: 'x' },
    { kind: 'diverged', expected: 'x', got: 'x'.repeat(1_025) },
    { kind: 'unrecorded_effect' },
    { kind: 'unrecorded_effect', what: 'x'.repeat(1_025) },
  ])('without its text is refused', (record) => {
    expect(refusal([started()], { ...record, at: 5 })).toMatch(/text/);
  });

  it('is admitted', () => {
    expect(refusal([started()], { kind: 'diverged', expected: 'a', got: 'b', at: 5 })).toBeUndefined();
  });
});

describe('whatever a guest proposes', () => {
  const anyField = fc.oneof(
    fc.jsonValue(),
    fc.integer({ min: -3, max: 60 }),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, DAY_MS, '', 'do', 'sleep', 'waitForEvent', 'go', 'charge', 'nap'),
  );
  const places: readonly (readonly string[])[] = [
    ['kind'],
    ['at'],
    ['ordinal'],
    ['attempt'],
    ['until'],
    ['seq'],
    ['step'],
    ['step', 'kind'],
    ['step', 'name'],
    ['step', 'count'],
    ['outcome'],
    ['outcome', 'ok'],
    ['hash'],
    ['error'],
    ['config'],
    ['retryAt'],
    ['startedAt'],
    ['timeoutMs'],
    ['eventType'],
    ['output'],
  ];
  const kinds = richJournal.map(({ kind }) => kind);

  /** A record of the sound journal with up to three of its fields changed. */
  const forged = fc
    .tuple(
      fc.nat(richJournal.length - 1),
      fc.array(fc.tuple(fc.constantFrom(...places), fc.oneof(anyField, fc.constantFrom(...kinds))), { maxLength: 3 }),
    )
    .map(([index, changes]) => {
      const record = structuredClone(richJournal[index]) as unknown as Record<string, unknown>;
      for (const [place, value] of changes) set(record, place, value);
      return record;
    });

  it('is refused or harmless: the journal stays sound (E1, E3, E5, E7)', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), forged), { minLength: 1, maxLength: 60 }), (proposals) => {
        const state = new JournalState();
        const journal: JournalRecord[] = [];
        const write = (record: JournalRecord): void => {
          state.apply(record);
          journal.push(record);
        };
        let next = 0;
        for (const [steps, record] of proposals) {
          // The sound journal goes on beside, as far as it is still admitted.
          for (let step = 0; step < steps % 4 && next < richJournal.length - 1; step++) {
            const sound = richJournal[next] as JournalRecord;
            next += 1;
            if (OF_DISPATCHER.has(sound.kind)) {
              if (isTaken(state, sound)) write({ ...sound, at: Math.max(sound.at, state.lastAt) });
            } else if (refusalOf(state, sound, LIMITS, NOW) === undefined) write(sound);
          }
          const proposed = record as unknown as JournalRecord;
          if (refusalOf(state, proposed, LIMITS, NOW) === undefined) write(proposed);
        }
        expect(violationsOf(journal)).toEqual([]);
      }),
      { numRuns: 1_500 },
    );
  });

  it('is answered, never thrown at, be it any JSON with a kind', () => {
    const record = fc
      .record({ kind: fc.constantFrom(...kinds) })
      .chain(({ kind }) =>
        fc
          .dictionary(fc.constantFrom('at', 'step', 'ordinal', 'error', 'outcome', 'config', 'until', 'seq'), anyField)
          .map((fields) => ({ ...fields, kind, at: 50 })),
      );
    const state = fold(richJournal.slice(0, 20));
    fc.assert(
      fc.property(record, (proposed) => {
        const answer = refusalOf(state, proposed as unknown as JournalRecord, LIMITS, NOW);
        return answer === undefined || typeof answer === 'string';
      }),
    );
  });
});

/** Whether the dispatcher would write this record of its own: nothing after the end, a result only by a token that is open. */
const isTaken = (state: JournalState, record: JournalRecord): boolean => {
  if (state.final !== undefined) return false;
  if (record.kind !== 'completion_received') return true;
  const open = state.stepOf(record.step)?.openAttempt;
  return open?.tokenHash === record.tokenHash && open.number === record.attempt && open.completion === undefined;
};

const set = (record: Record<string, unknown>, place: readonly string[], value: unknown): void => {
  const [first = '', second] = place;
  const inner = record[first];
  if (second === undefined) record[first] = value;
  else if (typeof inner === 'object' && inner !== null) (inner as Record<string, unknown>)[second] = value;
};

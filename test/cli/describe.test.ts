import { describe, expect, test } from 'vitest';
import type { InstanceDetail, ShownStep } from '../../lib/cli/api-types.ts';
import { timelineText } from '../../lib/cli/timeline-text.ts';
import { agoText, tableText } from '../../lib/cli/wording.ts';
import { lengthText } from '../../lib/client/wording.ts';
import { NOW } from './command-line.ts';

const at = (ms: number): string => new Date(NOW + ms).toISOString();

const detail = (more: Partial<InstanceDetail> = {}): InstanceDetail => ({
  id: 'order-7',
  workflow: 'ApprovalChain',
  status: 'running',
  version: '3fa92c00112233445566778899aabbcc',
  createdAt: at(-182_000),
  startedAt: at(-181_000),
  stepCount: 0,
  steps: [],
  ...more,
});

const step = (more: Partial<ShownStep>): ShownStep => ({
  type: 'step',
  name: 'a',
  count: 1,
  status: 'completed',
  startedAt: at(-1_000),
  endedAt: at(-988),
  attempts: [{ number: 1, startedAt: at(-1_000), endedAt: at(-988) }],
  ...more,
});

const text = (instance: InstanceDetail, outputLimit = 5_000): string =>
  timelineText(instance, { now: NOW, paint: (_style, words) => words, outputLimit });

describe('describe', () => {
  test('tells what the instance is, how old it is and how long it has been at work', () => {
    expect(text(detail()).split('\n').slice(0, 2)).toEqual([
      'ApprovalChain order-7  running',
      'version 3fa92c0011, created 3 min 2 s ago (2026-11-20 11:56:58 UTC), 3 min 1 s so far',
    ]);
  });

  test.each([
    [
      { kind: 'event', name: 'decision', eventType: 'approval', until: at(86_400_000) } as const,
      'Waits in "decision" for an event of type "approval", at most until 2026-11-21 12:00:00 UTC, in 1 d.',
    ],
    [
      { kind: 'sleep', name: 'nap', until: at(90_000) } as const,
      'Sleeps in "nap" until 2026-11-20 12:01:30 UTC, in 1 min 30 s.',
    ],
    [
      { kind: 'deferred', name: 'ask', until: at(90_000) } as const,
      'Waits for the result of "ask" from outside, at most until 2026-11-20 12:01:30 UTC, in 1 min 30 s.',
    ],
    [{ kind: 'retry', name: 'pay', until: at(-5) } as const, 'Tries "pay" again at 2026-11-20 11:59:59 UTC, due now.'],
  ])('says in one sentence what it waits for and until when: %o', (wait, sentence) => {
    expect(text(detail({ status: 'waiting', waitingFor: [wait] }))).toContain(sentence);
  });

  test('shows each step with its duration, its result and its count where it is not the first of its name', () => {
    const shown = text(detail({ steps: [step({ output: { ok: true } }), step({ count: 2, output: undefined })] }));
    expect(shown).toContain('  ✓ a     12 ms\n      → {"ok":true}\n  ✓ a #2  12 ms');
  });

  test('shows the attempts of a step that needed several, with their errors', () => {
    const error = { name: 'Error', message: 'busy' };
    const attempts = [
      { number: 1, startedAt: at(-2_000), endedAt: at(-1_990), error },
      { number: 2, startedAt: at(-1_000), endedAt: at(-988) },
    ];
    const shown = text(detail({ steps: [step({ startedAt: at(-2_000), attempts })] }));
    expect(shown).toContain('✓ a  1 s, 2 attempts\n      ├ 1  ✗ 10 ms  Error: busy\n      └ 2  ✓ 12 ms');
  });

  test('shows the error of a step that failed at once', () => {
    const error = { name: 'NonRetryableError', message: 'no money' };
    expect(text(detail({ steps: [step({ status: 'errored', error, attempts: [] })] }))).toContain(
      '✗ a  12 ms\n      NonRetryableError: no money',
    );
  });

  test('tells sleeps and waits from steps, open and over', () => {
    const shown = text(
      detail({
        steps: [
          step({ type: 'sleep', name: 'slept', attempts: [] }),
          step({ type: 'sleep', name: 'sleeping', status: 'waiting', endedAt: null, attempts: [] }),
          step({ type: 'waitForEvent', name: 'came', attempts: [] }),
          step({ type: 'waitForEvent', name: 'waiting', status: 'waiting', endedAt: null, attempts: [] }),
          step({ type: 'waitForEvent', name: 'gave up', status: 'timedOut', attempts: [] }),
        ],
      }),
    );
    expect(shown).toContain('✓ slept     slept 12 ms');
    expect(shown).toContain('… sleeping  sleeps, 1 s so far');
    expect(shown).toContain('✓ came      event came after 12 ms');
    expect(shown).toContain('… waiting   waits for its event, 1 s so far');
    expect(shown).toContain('✗ gave up   gave up after 12 ms');
  });

  test('cuts long results, and leaves them out where they are not wanted', () => {
    const instance = detail({ steps: [step({ output: 'x'.repeat(100) })] });
    expect(text(instance, 10)).toContain('→ "xxxxxxxxx [cut]');
    expect(text(instance, 0)).not.toContain('→');
  });

  test('ends with the output, or with the error in the lines of the tenant', () => {
    expect(text(detail({ status: 'complete', output: { n: 1 } }))).toMatch(/Output\n\{\n {2}"n": 1\n\}$/);
    const error = { name: 'Error', message: 'why', stack: 'Error: why\n    at index.ts:3:9' };
    expect(text(detail({ status: 'errored', error }))).toMatch(/Error: why\n {4}at index\.ts:3:9$/);
  });
});

describe('wording', () => {
  test.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_500, '1.5 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [90_000_000, '1 d 1 h'],
  ])('%i ms is %s', (ms, expected) => {
    expect(lengthText(ms)).toBe(expected);
  });

  test('what has just happened, and what comes from a clock ahead of ours, is just now', () => {
    expect(agoText(at(-10), NOW)).toBe('just now');
    expect(agoText(at(5_000), NOW)).toBe('just now');
  });

  test('a table aligns its columns', () => {
    expect(
      tableText(
        ['A', 'LONG'],
        [
          ['first', 'x'],
          ['b', ''],
        ],
      ),
    ).toBe('A      LONG\nfirst  x\nb');
  });
});

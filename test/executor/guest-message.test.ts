import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGuestMessage } from '../../lib/executor/guest-message.ts';
import type { GuestMessage } from '../../lib/ports/turn-messages.ts';

const records = [{ kind: 'started', at: 1 }] as const;
const step = { kind: 'do', name: 'a', count: 1 } as const;
const GOOD: readonly GuestMessage[] = [
  { kind: 'records', records },
  { kind: 'commit', records },
  { kind: 'call', callId: 1, binding: 'B', method: 'm', args: '[[]]', records },
  { kind: 'call', callId: 1, attempt: { ordinal: 1, attempt: 2 }, binding: 'B', method: 'm', args: '[[]]', records },
  { kind: 'write_stream', callId: 1, step, attempt: 1, offset: 0, bytes: '\u0000ÿ', isLast: true, records },
  { kind: 'read_stream', callId: 1, step, from: 5, records },
  { kind: 'need_segment' },
  { kind: 'need_inbox' },
  { kind: 'need_value', position: 5 },
  { kind: 'blocked', records, isHolding: false, takenSeq: 0 },
  { kind: 'blocked', records, isHolding: true, takenSeq: 3, wakeAt: 5 },
  { kind: 'rehearsed', stop: 'returned', delivered: 0, divergences: [] },
  {
    kind: 'rehearsed',
    stop: 'threw',
    delivered: 3,
    divergences: [{ step: 'a', expected: 'a', got: 'b', place: { file: 'index.ts', line: 1, column: 1 } }],
    next: 'step.do("a")',
    place: { file: 'index.ts', line: 2, column: 3 },
    error: { name: 'Error', message: 'x' },
  },
  { kind: 'finished', records },
  { kind: 'response', status: 200, headers: [['a', 'b']], body: 'eA==' },
  { kind: 'response', status: 599, headers: [] },
  { kind: 'fetch_failed', error: { name: 'Error', message: 'x' } },
];

/** Fields that a message may not have so. */
const BAD: readonly (readonly [GuestMessage['kind'], object])[] = [
  ['records', {}],
  ['records', { records: 'all' }],
  ['records', { records: [null] }],
  ['records', { records: [{ at: 1 }] }],
  ['records', { records: [{ kind: 5 }] }],
  ['commit', { records: {} }],
  ['call', { callId: '1', binding: 'B', method: 'm', args: '', records }],
  ['call', { callId: -1, binding: 'B', method: 'm', args: '', records }],
  ['call', { callId: 1, binding: {}, method: 'm', args: '', records }],
  ['call', { callId: 1, binding: 'B', method: ['m'], args: '', records }],
  ['call', { callId: 1, binding: 'B', method: 'm', args: [], records }],
  ['call', { callId: 1, binding: 'B', method: 'm', args: '' }],
  ['call', { callId: 1, binding: 'B', method: 'm', args: '', records, attempt: 5 }],
  ['call', { callId: 1, binding: 'B', method: 'm', args: '', records, attempt: { ordinal: 1 } }],
  ['write_stream', { callId: 1, attempt: 1, offset: 0, bytes: '', isLast: true, records }],
  ['write_stream', { callId: 1, step, attempt: { ordinal: 1 }, offset: 0, bytes: '', isLast: true, records }],
  ['write_stream', { callId: 1, step, attempt: 1, offset: -1, bytes: '', isLast: true, records }],
  ['write_stream', { callId: 1, step, attempt: 1, offset: 0, bytes: [1], isLast: true, records }],
  ['write_stream', { callId: 1, step, attempt: 1, offset: 0, bytes: '', records }],
  ['write_stream', { callId: 1, step, attempt: 1, offset: 0, bytes: '', isLast: true }],
  ['read_stream', { callId: 1, step: 'a', from: 0, records }],
  ['read_stream', { callId: 1, step: { ...step, count: 'first' }, from: 0, records }],
  ['read_stream', { callId: 1, step, from: 0.5, records }],
  ['read_stream', { callId: 1, step, from: 0 }],
  ['rehearsed', { stop: 'somewhere', delivered: 0, divergences: [] }],
  ['rehearsed', { stop: 'returned', delivered: -1, divergences: [] }],
  ['rehearsed', { stop: 'returned', delivered: 0, divergences: [{ step: 'a' }] }],
  ['rehearsed', { stop: 'returned', delivered: 0, divergences: [], next: 5 }],
  ['rehearsed', { stop: 'returned', delivered: 0, divergences: [], place: { file: 'a', line: 0, column: 0 } }],
  ['rehearsed', { stop: 'returned', delivered: 0, divergences: [], error: 'x' }],
  ['need_value', {}],
  ['need_value', { position: -1 }],
  ['need_value', { position: 1.5 }],
  ['blocked', { records, isHolding: false, takenSeq: 0, wakeAt: 'soon' }],
  ['blocked', { records, isHolding: false, takenSeq: 0, wakeAt: null }],
  ['blocked', { records, isHolding: 'no', takenSeq: 0 }],
  ['blocked', { records, isHolding: false }],
  ['finished', {}],
  ['response', { status: 99, headers: [] }],
  ['response', { status: 600, headers: [] }],
  ['response', { status: '200', headers: [] }],
  ['response', { status: 200, headers: [['a']] }],
  ['response', { status: 200, headers: [['a', 5]] }],
  ['response', { status: 200, headers: {} }],
  ['response', { status: 200, headers: [], body: [1] }],
  ['fetch_failed', {}],
  ['fetch_failed', { error: { name: 'x' } }],
  ['fetch_failed', { error: 'x' }],
];

describe('what a guest says', () => {
  it.each(GOOD)('is understood: $kind', (message) => {
    expect(readGuestMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each(BAD)('is refused as %s with %j', (kind, fields) => {
    expect(readGuestMessage(JSON.stringify({ kind, ...fields }))).toBeUndefined();
  });

  it.each([
    '',
    'x',
    'null',
    '5',
    '[]',
    '{}',
    '{"kind":5}',
    '{"kind":"context"}',
    '{"kind":"constructor"}',
    '{"kind":"__proto__"}',
    '{"kind":"committed"}',
  ])('is refused as %j', (text) => {
    expect(readGuestMessage(text)).toBeUndefined();
  });

  it('is refused or of a known kind, never thrown at, whatever the text', () => {
    const kinds = new Set<string>(GOOD.map(({ kind }) => kind));
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ kind: fc.constantFrom(...kinds), records: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (given) => {
        const message = readGuestMessage(given);
        return message === undefined || kinds.has(message.kind);
      }),
    );
  });
});

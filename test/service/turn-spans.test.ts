import { beforeEach, describe, expect, it } from 'vitest';
import { wrapParams } from '../../lib/core/envelope.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import type { BindingCaller, BindingHost } from '../../lib/ports/binding-host.ts';
import type { Summary } from '../../lib/ports/instance-store.ts';
import type { Span } from '../../lib/ports/tracer.ts';
import { TurnSpans } from '../../lib/service/turn-spans.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const INCARNATION = 'a'.repeat(32);
const step = { kind: 'do', name: 'pay', count: 1 } as const;
const of = { step, ordinal: 1, attempt: 1 };

const summaryWith = (metadata: Readonly<Record<string, unknown>>): Summary => ({
  tenant: 'acme',
  workflow: 'W',
  id: 'one',
  incarnation: INCARNATION,
  seed: INCARNATION,
  version: 'v1',
  createdAt: 0,
  envelope: wrapParams(metadata, null),
  trigger: { source: 'api' },
  status: 'waiting',
  position: 0,
  wakeAt: 0,
  waitingFor: [],
  inboxSeq: 0,
  unclosedClaims: 1,
  stepCount: 1,
});

let told: Span[];
let now: number;

const turnOf = (metadata: Readonly<Record<string, unknown>>): TurnSpans => {
  const ids = ['1', '2'];
  const randomness = { id: () => (ids.shift() ?? '').padStart(16, '0').padEnd(32, 'f'), secret: () => 'none' };
  const tracer = { tell: (span: Span) => void told.push(span), flush: async () => {} };
  return new TurnSpans(tracer, { clock: { now: () => now }, randomness }, summaryWith(metadata));
};

beforeEach(() => {
  told = [];
  now = 1_000;
});

describe('the spans of a turn', () => {
  it('tell of a deferred attempt from its start, which another turn has written', () => {
    const journal: JournalRecord[] = [
      { kind: 'attempt_started', ...of, at: 10 },
      { kind: 'attempt_deferred', ...of, at: 20, until: 9_000 },
      { kind: 'completion_consumed', ...of, seq: 1, at: 700 },
    ];
    turnOf({ traceId: TRACE }).onWritten({ records: journal.slice(2), journal });
    expect(told).toEqual([
      {
        name: 'do pay',
        kind: 'internal',
        traceId: TRACE,
        id: '0000000000000002',
        parentId: '0000000000000001',
        startedAt: 10,
        endedAt: 700,
        attributes: {
          'tenon.step.kind': 'do',
          'tenon.step.name': 'pay',
          'tenon.step.count': 1,
          'tenon.step.attempt': 1,
        },
      },
    ]);
  });

  it('name the error of a call to the outside, which fails as it would without them', async () => {
    const bindings: BindingHost = {
      declare: () => [],
      call: () => Promise.reject(new RangeError('hush')),
      removeTenant: async () => {},
    };
    const call = turnOf({ traceId: TRACE })
      .around(bindings)
      .call({} as BindingCaller, { binding: 'STORAGE', method: 'put', args: '["hush"]' });
    await expect(call).rejects.toThrow('hush');
    expect(told).toMatchObject([{ name: 'STORAGE.put', kind: 'client', attributes: {}, error: 'RangeError' }]);
    expect(JSON.stringify(told)).not.toContain('hush');
  });

  it.each([
    ['that released the instance', 'waiting', 'waiting'],
    ['that lost it', undefined, 'lost'],
  ])('tell how a turn ended %s', (_, status, outcome) => {
    const turn = turnOf({ traceId: TRACE });
    const records: JournalRecord[] = [{ kind: 'turn_failed', at: 1_100, cause: 'cpu_limit', isCounted: true }];
    turn.onWritten({ records, journal: records, ...(status !== undefined && { status }) });
    now = 1_200;
    turn.end();
    expect(told).toMatchObject([
      {
        name: 'turn W',
        startedAt: 1_000,
        endedAt: 1_200,
        attributes: { 'tenon.outcome': outcome },
        error: 'cpu_limit',
      },
    ]);
  });

  it('are a trace of their own where no call has created the instance', () => {
    turnOf({}).end();
    expect(told).toMatchObject([{ traceId: INCARNATION }]);
  });
});

import { expect, it } from 'vitest';
import type { JournalRecord } from '../../lib/core/records.ts';
import { createApi, jsonOf } from './api.ts';
import { writeJournal } from './journal.ts';

const STEP = { kind: 'do', name: 'a', count: 1 } as const;
const FAILED = { cause: 'errored', error: { name: 'Error', message: 'no' } } as const;

const journals: readonly (readonly [status: string, records: (at: number) => readonly JournalRecord[]])[] = [
  ['queued', () => []],
  ['running', (at) => [{ kind: 'started', at }]],
  [
    'rollingBack',
    (at) => [
      { kind: 'started', at },
      {
        kind: 'step_settled',
        ...{ at, step: STEP, ordinal: 1, attempt: 1, startedAt: at },
        outcome: { ok: true, value: '[1]' },
      },
      { kind: 'rollback_started', at, ...FAILED },
    ],
  ],
];

it.each(journals)(
  'a pause of an instance that is %s and that no turn has taken yet is on its way',
  async (_, records) => {
    const api = await createApi();
    const { key, base } = await api.makeTenant('ours');
    const instances = `${base}/workflows/Hello/instances`;
    expect((await api.call('POST', instances, { key, body: { id: 'one' } })).status).toBe(201);
    await writeJournal(api, { tenant: 'ours', workflow: 'Hello', id: 'one' }, records(api.clock.now()));
    // Nobody waits for what no turn will do.
    api.deps.watch.close();
    const response = await api.call('PATCH', `${instances}/one/status`, { key, body: { status: 'pause' } });
    expect(await jsonOf(response)).toEqual({ status: 'waitingForPause' });
    await api.close();
  },
);

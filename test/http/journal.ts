import { projectionOf } from '../../lib/core/decide.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import type { Api } from './api.ts';

const RETENTION_MS = 1_000_000;

/** Writes an instance's journal as its turns would have, so that an answer has something to show. */
export const writeJournal = async (api: Api, key: InstanceKey, records: readonly JournalRecord[]): Promise<void> => {
  const summary = await api.deps.instances.get(key);
  if (summary === undefined) throw new Error('there is no such instance');
  const state = new JournalState();
  for (const record of records) state.apply(record);
  const result = await api.deps.instances.append({
    key,
    incarnation: summary.incarnation,
    position: 0,
    records,
    release: { unclosedClaims: 0, projection: projectionOf(state, { retentionMs: RETENTION_MS }) },
  });
  if (result.kind !== 'done') throw new Error(`the journal was not written: ${result.kind}`);
  api.deps.watch.announce(key);
};

/** `count` steps named `step` whose outputs are `output(n)`, encoded, and the end of the instance. */
export const finishedJournal = (at: number, count: number, output: (n: number) => string): readonly JournalRecord[] => [
  { kind: 'started', at },
  ...Array.from({ length: count }, (_, index): JournalRecord => {
    const step = { kind: 'do', name: 'step', count: index + 1 } as const;
    const outcome = { ok: true, value: output(index + 1) } as const;
    return { kind: 'step_settled', at, step, ordinal: index + 1, attempt: 1, startedAt: at, outcome };
  }),
  { kind: 'completed', at, output: '["done"]' },
];

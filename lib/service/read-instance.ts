import { waitingForOf } from '../core/decide.ts';
import { isFinal, type RollbackOutcome } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import { type StepView, stepViews } from '../core/step-view.ts';
import type { InstanceKey, Summary } from '../ports/instance-store.ts';
import { currentStatus } from './current-status.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound } from './refusals.ts';

export interface InstanceDetail {
  readonly summary: Summary;
  readonly steps: readonly StepView[];
  /** Once it is over; absent where nothing was rolled back. */
  readonly rollback?: RollbackOutcome;
}

/** The journal's own word: the summary row is as old as the last release. @throws TenonError `instance.not_found` */
export const readInstance = async (
  deps: Pick<Dependencies, 'instances'>,
  { key }: { readonly key: InstanceKey },
): Promise<InstanceDetail> => {
  const summary = await deps.instances.get(key);
  if (summary === undefined) throw instanceNotFound();
  const records = await deps.instances.readJournal({ key, incarnation: summary.incarnation });
  const end = records.at(-1);
  const rollback = end?.kind === 'errored' || end?.kind === 'terminated' ? end.rollback : undefined;
  const journal = { steps: stepViews(records), ...(rollback !== undefined && { rollback }) };
  if (isFinal(summary.status)) return { summary, ...journal };
  const state = new JournalState();
  for (const record of records) state.apply(record);
  // It may have ended between the two readings.
  const { final } = state;
  const status = currentStatus(state, summary);
  const current: Summary = {
    ...summary,
    status,
    stepCount: state.doSteps,
    waitingFor: final === undefined && !state.isPaused && status !== 'queued' ? waitingForOf(state) : [],
    ...(state.startedAt === undefined ? {} : { startedAt: state.startedAt }),
    ...(final === undefined ? {} : { endedAt: final.at }),
    ...(final?.kind === 'completed' ? { output: final.output } : {}),
    ...(final?.kind === 'errored' ? { error: final.error } : {}),
  };
  return { summary: current, ...journal };
};

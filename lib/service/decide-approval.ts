import { TenonError } from '../core/errors.ts';
import { isFinal, type Verdict } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import type { InboxItem, InstanceKey, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { acceptFirst, firstInInbox } from './first-in-inbox.ts';
import { instanceNotFound } from './refusals.ts';

type Needs = Pick<Dependencies, 'clock' | 'instances' | 'wakes'>;

/** Each time something else came between looking and accepting. */
const MAX_TRIES = 20;

/**
 * An operator's word on what a policy holds back. The first one counts; the same once more changes nothing.
 * @throws TenonError `instance.not_found`, `approval.not_found`, `approval.settled` (answered otherwise, or not waited for any
 *   more), `instance.finished`, `quota.exceeded`
 */
export const decideApproval = async (
  deps: Needs,
  { key, approval, verdict }: { readonly key: InstanceKey; readonly approval: string; readonly verdict: Verdict },
): Promise<void> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { summary, answer, isWaitedFor } = await look(deps, key, approval);
    if (answer?.approved === verdict.approved) return;
    if (answer !== undefined) {
      throw settled(`It was ${answer.approved ? 'approved' : 'refused'} before, and the first answer counts.`);
    }
    if (isFinal(summary.status)) throw new TenonError('instance.finished', 'The instance has finished.');
    if (!isWaitedFor) throw settled('Its time is over, or the instance does not go on there.');

    const at = deps.clock.now();
    const accepted = await acceptFirst(deps, { summary, item: { kind: 'verdict', approval, ...verdict, at } });
    if (accepted === 'not_found') throw instanceNotFound();
    if (accepted === 'first') return;
  }
  throw new TenonError('internal', 'The instance is too busy to be told a verdict right now: try again.');
};

const settled = (why: string): TenonError =>
  new TenonError('approval.settled', `The approval takes no answer any more. ${why}`);

interface Found {
  readonly summary: Summary;
  /** The first answer. */
  readonly answer: Verdict | undefined;
  readonly isWaitedFor: boolean;
}

const look = async (deps: Needs, key: InstanceKey, approval: string): Promise<Found> => {
  const summary = await deps.instances.get(key);
  if (summary === undefined) throw instanceNotFound();
  const of = { key, incarnation: summary.incarnation };
  // Before the journal: what goes from here to there in between is found twice and not missed.
  const waiting = await firstInInbox(
    deps,
    of,
    (item): item is Extract<InboxItem, { kind: 'verdict' }> => item.kind === 'verdict' && item.approval === approval,
  );
  const state = new JournalState();
  let isAsked = false;
  let answer: Verdict | undefined;
  for (const record of await deps.instances.readJournal(of)) {
    state.apply(record);
    if (record.kind === 'approval_asked' && record.approval === approval) isAsked = true;
    else if (record.kind === 'verdict_received' && record.approval === approval) answer = record;
  }
  if (!isAsked) throw new TenonError('approval.not_found', 'The instance asks for no approval of this name.');
  return { summary, answer: answer ?? waiting, isWaitedFor: isWaitedFor(state, approval, deps.clock.now()) };
};

/** While the instance is paused its time stands still; once it rolls back, only handlers wait for anything. */
const isWaitedFor = ({ open, rollback, pauseRequestedAt }: JournalState, approval: string, now: number): boolean => {
  for (const { gate, key, until } of open) {
    if (gate?.approval !== approval) continue;
    return until >= Math.min(now, pauseRequestedAt ?? now) && (rollback === undefined || key.kind === 'rollback');
  }
  return false;
};

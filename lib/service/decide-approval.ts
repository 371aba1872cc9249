import { TenonError } from '../core/errors.ts';
import { MAX_BUFFERED_EVENTS } from '../core/limits.ts';
import { isFinal, type Verdict } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import type { InboxItem, InstanceKey, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound } from './refusals.ts';

type Needs = Pick<Dependencies, 'clock' | 'instances' | 'wakes'>;

/** Each time something else came between looking and accepting. */
const MAX_TRIES = 20;
const PAGE = 1_000;

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
    const accepted = await deps.instances.accept({ key, item: { kind: 'verdict', approval, ...verdict, at }, now: at });
    if (accepted.kind === 'not_found') throw instanceNotFound();
    if (accepted.kind === 'full') {
      const message = `The instance holds ${MAX_BUFFERED_EVENTS} things that it has not come to yet: no more fit.`;
      throw new TenonError('quota.exceeded', message, { retryAfterS: 60 });
    }
    if (accepted.kind !== 'accepted') continue;
    await deps.wakes.wake({ key, incarnation: accepted.incarnation });
    // Nothing came between: this is the first. Otherwise the inbox tells which one was.
    if (accepted.incarnation === summary.incarnation && accepted.seq === summary.inboxSeq + 1) return;
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
  const waiting = await firstInInbox(deps, of, approval);
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

const firstInInbox = async (
  deps: Needs,
  of: { readonly key: InstanceKey; readonly incarnation: string },
  approval: string,
): Promise<Extract<InboxItem, { kind: 'verdict' }> | undefined> => {
  for (let afterSeq = 0; ; ) {
    const items = await deps.instances.readInbox({ ...of, afterSeq, limit: PAGE });
    for (const { item } of items) if (item.kind === 'verdict' && item.approval === approval) return item;
    const last = items.at(-1);
    if (last === undefined || items.length < PAGE) return undefined;
    afterSeq = last.seq;
  }
};

/** While the instance is paused its time stands still; once it rolls back, only handlers wait for anything. */
const isWaitedFor = ({ open, rollback, pauseRequestedAt }: JournalState, approval: string, now: number): boolean => {
  for (const { gate, key, until } of open) {
    if (gate?.approval !== approval) continue;
    return until >= Math.min(now, pauseRequestedAt ?? now) && (rollback === undefined || key.kind === 'rollback');
  }
  return false;
};

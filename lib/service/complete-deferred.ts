import { hash } from 'node:crypto';
import { TenonError } from '../core/errors.ts';
import { MAX_ERROR_MESSAGE_CHARS, MAX_ERROR_NAME_CHARS } from '../core/limits.ts';
import { isFinal, type RecordOf, type StepOutcome } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import type { InboxItem, InstanceKey, Summary } from '../ports/instance-store.ts';
import type { DeferredOutcome } from '../ports/workflow-control.ts';
import { hashToken, lifeOf, readToken } from './deferred-token.ts';
import type { Dependencies } from './dependencies.ts';
import { acceptFirst, firstInInbox } from './first-in-inbox.ts';
import { refuseUnlessRoom } from './instance-storage.ts';
import { deferredNotFound, deferredSettled, tenantSuspended } from './refusals.ts';
import { spill, valuePrefix } from './stored-values.ts';

export interface CompleteDeferredParams {
  readonly token: string;
  /** The only tenant whose tokens count; absent: any, since the token is the permission. */
  readonly tenant?: string;
  readonly outcome: DeferredOutcome;
}

type Needs = Pick<Dependencies, 'clock' | 'randomness' | 'instances' | 'tenants' | 'blobs' | 'wakes'>;

/** Each time somebody else's completion or a restart came between looking and accepting. */
const MAX_TRIES = 20;

/**
 * The outcome of a deferred attempt. The first one counts; the same one once more is accepted and changes nothing. What
 * was accepted before the attempt's deadline settles its step, unless the callback itself failed or was lost meanwhile.
 * @throws TenonError `deferred.not_found`, `deferred.settled` (completed otherwise, or the attempt is over),
 *   `instance.finished`, `tenant.suspended`, `quota.exceeded`, `request.invalid` (error too long)
 */
export const completeDeferred = async (deps: Needs, params: CompleteDeferredParams): Promise<void> => {
  const place = readToken(params.token);
  if (place === undefined || (params.tenant !== undefined && place.key.tenant !== params.tenant)) {
    throw deferredNotFound();
  }
  checkError(params.outcome);
  const { key } = place;
  const tokenHash = hashToken(params.token);
  const digest = hash('sha256', JSON.stringify(params.outcome));
  let stored: StepOutcome | undefined;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await look(deps, { ...place, tokenHash });
    const { made, completedAs, summary } = found;
    if (completedAs === digest) return;
    if (completedAs !== undefined) throw deferredSettled('It was completed before, and the first outcome counts.');
    if (isFinal(summary.status)) {
      throw new TenonError('instance.finished', 'The instance has finished: it takes no more results.');
    }
    if (isAttemptOver(found, deps.clock.now())) {
      throw deferredSettled('The attempt is over: it has timed out or ended otherwise.');
    }
    const tenant = await deps.tenants.getTenant(key.tenant);
    if (tenant === undefined) throw deferredNotFound();
    if (tenant.suspended) throw tenantSuspended(tenant);

    if (params.outcome.ok) refuseUnlessRoom(found.state.storedBytes, Buffer.byteLength(params.outcome.value));
    stored ??= await store(deps, key, params.outcome);
    const at = deps.clock.now();
    const item: InboxItem = { kind: 'completion', step: made.step, tokenHash, digest, outcome: stored, at };
    const accepted = await acceptFirst(deps, { summary, item });
    if (accepted === 'not_found') throw deferredNotFound();
    if (accepted === 'first') return;
  }
  throw new TenonError('internal', 'The instance is too busy to be told a result right now: try again.');
};

interface Found {
  readonly summary: Summary;
  readonly state: JournalState;
  readonly made: RecordOf<'token_made'>;
  /** The digest of the first outcome that came by the token. */
  readonly completedAs: string | undefined;
}

/** @throws TenonError `deferred.not_found` where the token's hash does not stand in that journal */
const look = async (
  deps: Needs,
  { key, life, tokenHash }: { readonly key: InstanceKey; readonly life: string; readonly tokenHash: string },
): Promise<Found> => {
  const summary = await deps.instances.get(key);
  // Nobody has a journal read who has not been told of a token.
  if (summary === undefined || lifeOf(summary) !== life) throw deferredNotFound();
  const of = { key, incarnation: summary.incarnation };
  // Before the journal: what goes from here to there in between is found twice and not missed.
  const waiting = await firstInInbox(
    deps,
    of,
    (item): item is Extract<InboxItem, { kind: 'completion' }> =>
      item.kind === 'completion' && item.tokenHash === tokenHash,
  );
  const state = new JournalState();
  let made: RecordOf<'token_made'> | undefined;
  let completed: RecordOf<'completion_received'> | undefined;
  for (const record of await deps.instances.readJournal(of)) {
    state.apply(record);
    if (record.kind === 'token_made' && record.hash === tokenHash) made = record;
    else if (record.kind === 'completion_received' && record.tokenHash === tokenHash) completed = record;
  }
  if (made === undefined) throw deferredNotFound();
  return { summary, state, made, completedAs: completed?.digest ?? waiting?.digest };
};

/** While the instance is paused its time stands still. A callback that is still at work has its deadline to itself. */
const isAttemptOver = ({ state, made }: Found, now: number): boolean => {
  const step = state.stepOf(made.step);
  const open = step?.openAttempt;
  if (step === undefined || open?.tokenHash !== made.hash || step.lostTo !== undefined) return true;
  return step.phase === 'deferred' && step.until < Math.min(now, state.pauseRequestedAt ?? now);
};

const store = async (deps: Needs, key: InstanceKey, outcome: DeferredOutcome): Promise<StepOutcome> => {
  if (!outcome.ok) return outcome;
  const name = `${valuePrefix(key)}completions/${deps.randomness.id()}`;
  return { ok: true, value: await spill(deps.blobs, name, outcome.value) };
};

const checkError = (outcome: DeferredOutcome): void => {
  if (outcome.ok) return;
  const { name, message } = outcome.error;
  if (name.length > 0 && name.length <= MAX_ERROR_NAME_CHARS && message.length <= MAX_ERROR_MESSAGE_CHARS) return;
  const text = `An error has a name of 1 to ${MAX_ERROR_NAME_CHARS} characters and a message of at most ${MAX_ERROR_MESSAGE_CHARS}.`;
  throw new TenonError('request.invalid', text, { fields: [{ path: 'error', message: text }] });
};

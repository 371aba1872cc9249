import { showValue } from './durations.ts';
import { DEFAULT_ATTEMPT_TIMEOUT_MS, MAX_INSTANCE_STORAGE_BYTES, MAX_WAIT_MS } from './limits.ts';
import { isEventType, isStepName } from './names.ts';
import {
  type Fields,
  hasOnly,
  isConfig,
  isCount,
  isObject,
  isStream,
  isText,
  isTime,
  isTimeout,
  KINDS,
  MAX_ENCODED,
  MAX_OPEN_TEXT,
  refuseError,
  SHA256,
  STEP_FIELDS,
} from './record-shapes.ts';
import type { JournalRecord, RecordKind, RecordOf, StepKey, StepOutcome } from './records.ts';
import { stepKeyText } from './records.ts';
import { canRollBack, type JournalState } from './replay/journal-state.ts';
import { approvalName, policyBeforeCall, policyBeforeStep, type TurnPolicy } from './replay/policies.ts';
import { isGateOpen, type OpenAttempt, type StepState } from './replay/step-state.ts';
import { hasRoom, storedBytes } from './replay/stored-bytes.ts';

/**
 * The guest proposes records, and this admits them. The guest is not trusted: a record that does not follow from the
 * journal is refused, whatever the reason, so that a forged message can break no invariant (E1, E3, E5).
 */

/** How far a guest's clock may run ahead of the dispatcher's: they are on one machine. */
const MAX_SKEW_MS = 5_000;

export interface AdmitLimits {
  readonly steps: number;
  readonly records: number;
  /** Bytes that an instance may store. @default `MAX_INSTANCE_STORAGE_BYTES` */
  readonly storedBytes?: number;
  /** Those that hold for this turn. @default none */
  readonly policies?: readonly TurnPolicy[];
}

const OF_STEP: Fields = ['kind', 'step', 'ordinal', 'at'];
const OF_ATTEMPT: Fields = [...OF_STEP, 'attempt', 'config'];

/** Every field of the records that a guest may propose: another one would be stored unseen, of any size. */
const FIELDS: ReadonlyMap<RecordKind, Fields> = new Map(
  Object.entries({
    started: ['kind', 'at'],
    attempt_started: OF_ATTEMPT,
    attempt_failed: [...OF_ATTEMPT, 'startedAt', 'error', 'retryAt'],
    step_settled: [...OF_ATTEMPT, 'startedAt', 'outcome'],
    token_made: [...OF_STEP, 'attempt', 'hash'],
    attempt_deferred: [...OF_STEP, 'attempt', 'until', 'timeoutMs'],
    completion_consumed: [...OF_STEP, 'attempt', 'seq'],
    sleep_started: [...OF_STEP, 'until'],
    sleep_completed: OF_STEP,
    wait_started: [...OF_STEP, 'eventType', 'until', 'timeoutMs'],
    event_consumed: [...OF_STEP, 'seq'],
    wait_timed_out: OF_STEP,
    approval_asked: [...OF_STEP, 'approval', 'policy', 'call', 'config', 'until'],
    step_refused: [...OF_STEP, 'policy', 'config', 'error'],
    diverged: ['kind', 'at', 'expected', 'got'],
    unrecorded_effect: ['kind', 'at', 'what'],
    rollback_started: ['kind', 'at', 'cause', 'error'],
    completed: ['kind', 'at', 'output'],
    errored: ['kind', 'at', 'error', 'rollback'],
    terminated: ['kind', 'at', 'rollback'],
  }) as [RecordKind, Fields][],
);

/** Why the record is refused, or `undefined`: then it may be applied. `now`: epoch ms. */
export const refusalOf = (
  state: JournalState,
  record: JournalRecord,
  limits: AdmitLimits,
  now: number,
): string | undefined => {
  if (state.final !== undefined) return 'the instance has finished';
  if (!isTime(record.at) || record.at < state.lastAt) return 'its time is before that of the record before it';
  if (record.at > now + MAX_SKEW_MS) return 'its time is in the future';
  // Room for what ends an instance that has used up its records.
  if (
    !ENDS.has(record.kind) &&
    state.rollback === undefined &&
    state.position - state.logRecords >= limits.records + 16
  )
    return 'the journal is full';
  const fields = FIELDS.get(record.kind);
  if (fields !== undefined && !hasOnly(record, fields)) return 'it has a field that it must not have';
  const direction = refuseDirection(state, record);
  if (direction !== undefined) return direction;

  switch (record.kind) {
    case 'started':
      return state.startedAt === undefined ? undefined : 'the instance has started before';
    case 'attempt_started':
      return refuseAttempt(state, record, limits) ?? refuseOpenAttempt(state, record);
    case 'attempt_failed':
      return (
        refuseAttempt(state, record, limits) ??
        refuseError(record.error) ??
        refuseEarlyEnd(state, record) ??
        (isTime(record.retryAt) && record.retryAt <= record.at + MAX_WAIT_MS ? undefined : 'its retry is no moment')
      );
    case 'step_settled':
      return (
        refuseAttempt(state, record, limits) ??
        refuseOutcome(record.outcome) ??
        refuseEarlyEnd(state, record) ??
        refuseStored(state, record.outcome, limits)
      );
    case 'token_made':
      return refuseOpenAttemptOf(state, record, 'attempting', ({ tokenHash }) => {
        if (tokenHash !== undefined) return 'the attempt has a token';
        return typeof record.hash === 'string' && SHA256.test(record.hash) ? undefined : 'its hash is none';
      });
    case 'attempt_deferred':
      return refuseOpenAttemptOf(state, record, 'attempting', ({ tokenHash }, { config }) => {
        if (tokenHash === undefined) return 'the attempt has no token';
        const { until, timeoutMs = config?.timeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS } = record;
        if (!isTimeout(timeoutMs)) return 'its timeout is none';
        return isTime(until) && until <= record.at + timeoutMs ? undefined : 'it takes too long';
      });
    case 'completion_consumed':
      // Whether it came in time was looked at when it was accepted; of a pause since then the guest may know more.
      return refuseOpenAttemptOf(state, record, 'deferred', ({ completion }) =>
        completion?.seq === record.seq && completion.outcome.ok ? undefined : 'no such result has come',
      );
    case 'sleep_started':
      return (
        refuseNew(state, record, 'sleep') ??
        (Number.isFinite(record.until) && record.until <= record.at + MAX_WAIT_MS ? undefined : 'it sleeps too long')
      );
    case 'sleep_completed':
      return refuseOpen(state, record, 'sleeping', (step) =>
        record.at >= step.untilUnmoved ? undefined : 'it is not over yet',
      );
    case 'wait_started':
      return (
        refuseNew(state, record, 'waitForEvent') ??
        (typeof record.eventType === 'string' && isEventType(record.eventType)
          ? undefined
          : 'its event type is none') ??
        (isTime(record.until) && record.until === record.at + record.timeoutMs && record.timeoutMs <= MAX_WAIT_MS
          ? undefined
          : 'it waits too long')
      );
    case 'wait_timed_out':
      // The guest asks for the inbox first; an event that came in after that stays in the buffer.
      return refuseOpen(state, record, 'waiting', (step) =>
        record.at >= step.untilUnmoved ? undefined : 'it is not over yet',
      );
    case 'event_consumed':
      return refuseOpen(state, record, 'waiting', (step) => {
        const first = state.buffered.get(step.eventType)?.[0];
        if (first === undefined || first.seq !== record.seq) return 'the event is not the first of its type';
        return first.acceptedAt <= step.until ? undefined : 'the event came after the deadline';
      });
    case 'approval_asked':
      return refuseStart(state, record, limits) ?? refuseGate(state, record, limits);
    case 'step_refused':
      return refuseStart(state, record, limits) ?? refuseError(record.error) ?? refuseRefusal(state, record, limits);
    case 'diverged':
      return isText(record.expected, MAX_OPEN_TEXT) && isText(record.got, MAX_OPEN_TEXT)
        ? undefined
        : 'its texts are none';
    case 'unrecorded_effect':
      return isText(record.what, MAX_OPEN_TEXT) ? undefined : 'its text is none';
    case 'rollback_started':
      if (state.rollback !== undefined || !canRollBack(state)) return 'there is nothing to undo';
      return record.cause === 'errored' ? refuseError(record.error) : 'the instance was not terminated';
    case 'completed':
      return isText(record.output, MAX_ENCODED) ? undefined : 'its output is none';
    case 'errored':
      return refuseError(record.error) ?? refuseRollbackOutcome(state, record.rollback);
    case 'terminated':
      return state.rollback === undefined
        ? 'only the dispatcher writes such a record'
        : refuseRollbackOutcome(state, record.rollback);
    case 'event_received':
    case 'completion_received':
    case 'verdict_received':
    case 'inbox_gap_closed':
    case 'pause_requested':
    case 'paused':
    case 'resumed':
    case 'turn_failed':
    case 'moved':
    case 'logged':
      return 'only the dispatcher writes such a record';
    default:
      return `there is no such record: ${showValue((record as { kind?: unknown }).kind)}`;
  }
};

const ENDS: ReadonlySet<unknown> = new Set(['completed', 'errored', 'terminated', 'rollback_started']);
const OF_HANDLERS: ReadonlySet<unknown> = new Set([
  'attempt_started',
  'attempt_failed',
  'step_settled',
  'approval_asked',
  'step_refused',
]);
/** What a guest may add of `run()` while it runs it once more, to get at the handlers. */
const TOLD_OF_RUN: ReadonlySet<unknown> = new Set(['diverged', 'unrecorded_effect']);

/** Once it rolls back, nothing but handlers moves, and it ends as it would have without; before that no handler does. */
const refuseDirection = ({ rollback }: JournalState, record: JournalRecord): string | undefined => {
  const { step } = record as { readonly step?: unknown };
  const isOfHandler = isObject(step) && step.kind === 'rollback';
  if (isOfHandler && !OF_HANDLERS.has(record.kind)) return 'handlers have no such record';
  if (rollback === undefined) return isOfHandler ? 'the instance does not roll back' : undefined;
  if (isOfHandler || TOLD_OF_RUN.has(record.kind)) return undefined;
  if (record.kind !== rollback.cause) return 'the instance rolls back';
  if (record.kind !== 'errored' || rollback.cause !== 'errored') return undefined;
  const { name, message } = rollback.error;
  return record.error?.name === name && record.error.message === message ? undefined : 'it failed with another error';
};

const refuseRollbackOutcome = (state: JournalState, outcome: unknown): string | undefined => {
  if (state.rollback === undefined) return outcome === undefined ? undefined : 'it has not rolled back';
  if (!isObject(outcome) || !hasOnly(outcome, ['outcome', 'error'])) return 'its rollback has no outcome';
  if (outcome.outcome === 'failed') return refuseError(outcome.error);
  return outcome.outcome === 'complete' && outcome.error === undefined && state.toUndo.length === 0
    ? undefined
    : 'there is something left to undo';
};

interface OfStep {
  readonly step: StepKey;
  readonly ordinal: number;
}

const refuseStep = (state: JournalState, { step, ordinal }: OfStep): string | undefined => {
  if (!isObject(step)) return 'it names no step';
  if (!KINDS.has(step.kind)) return 'it names no kind of step';
  if (!isStepName(step.name) || !isCount(step.count) || !isCount(ordinal)) return 'it names no step';
  if (!hasOnly(step, STEP_FIELDS)) return 'it names no step';
  if (step.kind === 'rollback') {
    const next = state.rollbackFailure === undefined ? state.toUndo.at(-1) : undefined;
    const isNext = next?.key.name === step.name && next.key.count === step.count && next.ordinal === ordinal;
    if (!isNext) return 'another handler is next';
  }
  const known = state.stepOf(step);
  if (known === undefined) return undefined;
  if (known.phase === 'settled') return `${stepKeyText(step)} has its outcome`;
  return known.ordinal === ordinal ? undefined : `${stepKeyText(step)} has the ordinal ${known.ordinal}`;
};

const refuseNew = (state: JournalState, record: OfStep, kind: StepKey['kind']): string | undefined => {
  const refusal = refuseStep(state, record);
  if (refusal !== undefined) return refusal;
  if (record.step.kind !== kind) return 'it is of another kind';
  return state.stepOf(record.step) === undefined ? undefined : 'it has started before';
};

/** Of what a step of the kind that has attempts may begin with. */
const refuseStart = (
  state: JournalState,
  record: OfStep & { readonly config?: unknown },
  limits: AdmitLimits,
): string | undefined => {
  const refusal = refuseStep(state, record);
  if (refusal !== undefined) return refusal;
  const { step, config } = record;
  if (step.kind !== 'do' && step.kind !== 'rollback') return 'only step.do has attempts';
  const isPinned = config === undefined || (step.kind === 'do' && isConfig(config));
  if (!isPinned) return 'its config is none';
  const isOver = step.kind === 'do' && state.stepOf(step) === undefined && state.doSteps >= limits.steps;
  return isOver ? `the limit of ${limits.steps} steps has been reached` : undefined;
};

const refuseAttempt = (
  state: JournalState,
  record: OfStep & { readonly attempt: number; readonly startedAt?: number; readonly config?: unknown },
  limits: AdmitLimits,
): string | undefined => {
  const refusal = refuseStart(state, record, limits);
  if (refusal !== undefined) return refusal;
  if (!isCount(record.attempt)) return 'it numbers no attempt';
  if (record.startedAt !== undefined && !isTime(record.startedAt)) return 'it started at no moment';
  const step = state.stepOf(record.step);
  if (step?.phase === 'gated' && !isGateOpen(step)) return 'it has not been approved';
  const policy = policyOf(record.step, step, limits);
  if (policy !== undefined) return `the policy ${policy.name} holds before it`;
  if (step === undefined) return record.attempt === 1 ? undefined : 'its first attempt is missing';
  const next = step.openAttempt?.number ?? step.attempts + 1;
  return record.attempt === next ? undefined : `attempt ${next} is due`;
};

/** What holds before a step that has not begun. */
const policyOf = ({ kind, name }: StepKey, step: StepState | undefined, { policies = [] }: AdmitLimits) =>
  kind === 'do' ? policyBeforeStep(policies, name, step) : undefined;

const refuseGate = (
  state: JournalState,
  record: RecordOf<'approval_asked'>,
  { policies = [], ...limits }: AdmitLimits,
): string | undefined => {
  const { call, until } = record;
  const step = state.stepOf(record.step);
  if (step !== undefined && !MAY_BE_GATED.has(step.phase)) return `it is ${step.phase}`;
  if (step?.lostTo !== undefined) return 'its attempt was lost';
  if (step?.phase === 'gated' && !isGateOpen(step)) return 'it waits for an approval';
  if (record.approval !== approvalName(state, record.at)) return 'another approval is next';
  if (call !== undefined && !(isObject(call) && hasOnly(call, CALL_FIELDS))) return 'it names no call';
  const policy =
    call === undefined ? policyOf(record.step, step, { ...limits, policies }) : policyBeforeCall(policies, call, step);
  if (policy?.name !== record.policy || policy.action.kind !== 'approve') return 'no such policy asks for it';
  return until === record.at + policy.action.timeoutMs ? undefined : 'it waits for another time';
};

const CALL_FIELDS: Fields = ['binding', 'method', 'attempt'];
const MAY_BE_GATED: ReadonlySet<StepState['phase']> = new Set(['attempting', 'retrying', 'gated']);

/** By a verdict, by the clock, or by a policy that refuses by itself. */
const refuseRefusal = (
  state: JournalState,
  record: RecordOf<'step_refused'>,
  limits: AdmitLimits,
): string | undefined => {
  const step = state.stepOf(record.step);
  if (step?.gate !== undefined && !isGateOpen(step)) {
    if (step.gate.policy !== record.policy) return 'another policy holds before it';
    const isRefused = step.gate.verdict?.approved === false || record.at >= step.untilUnmoved;
    return isRefused ? undefined : 'it has not been refused';
  }
  const policy = policyOf(record.step, step, limits);
  return policy?.name === record.policy && policy.action.kind === 'refuse' ? undefined : 'no such policy refuses it';
};

const refuseOpenAttempt = (state: JournalState, { step }: OfStep): string | undefined =>
  state.stepOf(step)?.openAttempt === undefined ? undefined : 'the attempt before it has not ended';

/** A record about the attempt that is open and not lost. */
const refuseOpenAttemptOf = (
  state: JournalState,
  record: OfStep & { readonly attempt: number },
  phase: StepState['phase'],
  check: (attempt: OpenAttempt, step: StepState) => string | undefined,
): string | undefined =>
  refuseOpen(state, record, phase, (step) => {
    const { openAttempt, lostTo } = step;
    if (openAttempt?.number !== record.attempt || lostTo !== undefined) return 'the attempt is not open';
    return check(openAttempt, step);
  });

/** A deferred attempt ends by what comes from outside: as the failure that it was told of, or when its time is over. */
const refuseEarlyEnd = (
  state: JournalState,
  record: RecordOf<'attempt_failed' | 'step_settled'>,
): string | undefined => {
  const step = state.stepOf(record.step);
  if (step?.phase !== 'deferred') return undefined;
  const error = record.kind === 'attempt_failed' ? record.error : record.outcome.ok ? undefined : record.outcome.error;
  if (error === undefined) return 'its result comes from outside';
  const told = step.openAttempt?.completion?.outcome;
  if (told?.ok === false && told.error.name === error.name && told.error.message === error.message) return undefined;
  return record.at >= step.untilUnmoved ? undefined : 'it is not over yet';
};

const refuseOpen = (
  state: JournalState,
  record: OfStep,
  phase: StepState['phase'],
  check: (step: StepState) => string | undefined,
): string | undefined => {
  const refusal = refuseStep(state, record);
  if (refusal !== undefined) return refusal;
  const step = state.stepOf(record.step);
  return step?.phase === phase ? check(step) : `it is not ${phase}`;
};

const refuseOutcome = (outcome: unknown): string | undefined => {
  if (!isObject(outcome)) return 'it has no outcome';
  const { ok, value, error } = outcome;
  if (ok === true) {
    const isValue = isText(value, MAX_ENCODED) || isStream(value);
    return isValue && hasOnly(outcome, ['ok', 'value']) ? undefined : 'its value is none';
  }
  return ok === false && hasOnly(outcome, ['ok', 'error']) ? refuseError(error) : 'it has no outcome';
};

/** As much again, since the guest may not have heard yet of events that have come. */
const refuseStored = (
  state: JournalState,
  outcome: StepOutcome,
  { storedBytes: limit }: AdmitLimits,
): string | undefined => {
  const bytes = outcome.ok && typeof outcome.value === 'string' ? storedBytes(outcome.value) : 0;
  const isWithin = hasRoom(state, { storedBytes: 2 * (limit ?? MAX_INSTANCE_STORAGE_BYTES) }, bytes);
  return bytes === 0 || isWithin ? undefined : 'the instance stores as much as it may';
};

import { showValue } from './durations.ts';
import { DEFAULT_ATTEMPT_TIMEOUT_MS, MAX_INSTANCE_STORAGE_BYTES, MAX_WAIT_MS } from './limits.ts';
import { isEventType, isStepName } from './names.ts';
import type { JournalRecord, RecordKind, RecordOf, StepKey, StepOutcome } from './records.ts';
import { stepKeyText } from './records.ts';
import { canRollBack, type JournalState, type OpenAttempt, type StepState } from './replay/journal-state.ts';
import { hasRoom, storedBytes } from './replay/stored-bytes.ts';

/**
 * The guest proposes records, and this admits them. The guest is not trusted: a record that does not follow from the
 * journal is refused, whatever the reason, so that a forged message can break no invariant (E1, E3, E5).
 */

/** How far a guest's clock may run ahead of the dispatcher's: they are on one machine. */
const MAX_SKEW_MS = 5_000;
const MAX_TEXT = 65_536;
const MAX_ENCODED = 8_388_608;
const MAX_OPEN_TEXT = 1_024;

export interface AdmitLimits {
  readonly steps: number;
  readonly records: number;
  /** Bytes that an instance may store. @default `MAX_INSTANCE_STORAGE_BYTES` */
  readonly storedBytes?: number;
}

type Fields = readonly string[];

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
    diverged: ['kind', 'at', 'expected', 'got'],
    unrecorded_effect: ['kind', 'at', 'what'],
    rollback_started: ['kind', 'at', 'cause', 'error'],
    completed: ['kind', 'at', 'output'],
    errored: ['kind', 'at', 'error', 'rollback'],
    terminated: ['kind', 'at', 'rollback'],
  }) as [RecordKind, Fields][],
);
const STEP_FIELDS: Fields = ['kind', 'name', 'count'];
const ATTEMPT_CONFIG_FIELDS: Fields = ['retries', 'timeoutMs'];
const CONFIG_FIELDS: Fields = [...ATTEMPT_CONFIG_FIELDS, 'sensitive', 'rollback'];
const RETRIES_FIELDS: Fields = ['limit', 'delayMs', 'backoff'];
const ERROR_FIELDS: Fields = ['name', 'message', 'stack', 'encoded'];
const STREAM_FIELDS: Fields = ['stream', 'bytes'];
const SHA256 = /^[0-9a-f]{64}$/;
const KINDS: ReadonlySet<unknown> = new Set(['do', 'sleep', 'waitForEvent', 'rollback']);
const BACKOFFS: readonly unknown[] = ['exponential', 'linear', 'constant'];

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
const OF_HANDLERS: ReadonlySet<unknown> = new Set(['attempt_started', 'attempt_failed', 'step_settled']);
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

const refuseAttempt = (
  state: JournalState,
  record: OfStep & { readonly attempt: number; readonly startedAt?: number; readonly config?: unknown },
  limits: AdmitLimits,
): string | undefined => {
  const refusal = refuseStep(state, record);
  if (refusal !== undefined) return refusal;
  if (record.step.kind !== 'do' && record.step.kind !== 'rollback') return 'only step.do has attempts';
  if (!isCount(record.attempt)) return 'it numbers no attempt';
  if (record.startedAt !== undefined && !isTime(record.startedAt)) return 'it started at no moment';
  const isPinned = record.config === undefined || (record.step.kind === 'do' && isConfig(record.config));
  if (!isPinned) return 'its config is none';
  const step = state.stepOf(record.step);
  if (step === undefined) {
    if (record.step.kind === 'do' && state.doSteps >= limits.steps)
      return `the limit of ${limits.steps} steps has been reached`;
    return record.attempt === 1 ? undefined : 'its first attempt is missing';
  }
  const next = step.openAttempt?.number ?? step.attempts + 1;
  return record.attempt === next ? undefined : `attempt ${next} is due`;
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

/** Whether it is the one that its attempt has written is for the dispatcher to say, who has written it. */
const isStream = (value: unknown): boolean =>
  isObject(value) &&
  hasOnly(value, STREAM_FIELDS) &&
  isText(value.stream, MAX_OPEN_TEXT) &&
  isTime(value.bytes) &&
  value.bytes <= MAX_INSTANCE_STORAGE_BYTES;

const refuseError = (error: unknown): string | undefined => {
  if (!isObject(error)) return 'it has no error';
  const { name, message, stack, encoded } = error;
  const isWhole =
    hasOnly(error, ERROR_FIELDS) &&
    isText(name, MAX_OPEN_TEXT) &&
    isText(message, MAX_TEXT) &&
    (stack === undefined || isText(stack, MAX_TEXT)) &&
    (encoded === undefined || isText(encoded, MAX_TEXT));
  return isWhole ? undefined : 'its error is none';
};

const isConfig = (config: unknown): boolean => {
  if (!isAttemptConfig(config, CONFIG_FIELDS)) return false;
  const { sensitive, rollback } = config;
  return (
    (sensitive === undefined || sensitive === 'output') &&
    (rollback === undefined || isAttemptConfig(rollback, ATTEMPT_CONFIG_FIELDS))
  );
};

const isAttemptConfig = (config: unknown, fields: Fields): config is Record<string, unknown> => {
  if (!isObject(config) || !hasOnly(config, fields)) return false;
  const { retries, timeoutMs } = config;
  if (!isObject(retries) || !hasOnly(retries, RETRIES_FIELDS)) return false;
  const { limit, delayMs, backoff } = retries;
  return (
    isTime(limit) &&
    (delayMs === null || (isTime(delayMs) && delayMs <= MAX_WAIT_MS)) &&
    BACKOFFS.includes(backoff) &&
    isTimeout(timeoutMs)
  );
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasOnly = (value: object, fields: Fields): boolean => {
  for (const field in value) if (!fields.includes(field)) return false;
  return true;
};

const isText = (value: unknown, limit: number): boolean => typeof value === 'string' && value.length <= limit;
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
const isTimeout = (value: unknown): boolean => isCount(value) && (value as number) <= MAX_WAIT_MS;
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

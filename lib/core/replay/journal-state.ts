import { carriedValue } from '../carried-value.ts';
import type { ErrorData, JournalRecord, RecordOf, StepConfig, StepKey } from '../records.ts';
import { stepKeyText } from '../records.ts';
import { gateText, isLosable, isUndoable, type StepPhase, type StepState } from './step-state.ts';
import { storedBytes } from './stored-bytes.ts';
import { isStoredStream } from './streams.ts';

export type BufferedEvent = RecordOf<'event_received'>;

/**
 * What a journal amounts to, folded record by record. Guest and dispatcher fold the same records with this same code,
 * so they cannot disagree. Mutable, since a journal of ten thousand records is folded at each turn.
 */
export class JournalState {
  position = 0;
  /** Records and characters of logs: they do not count towards the limit of records. */
  logRecords = 0;
  logChars = 0;
  lastAt = 0;
  startedAt: number | undefined;
  doSteps = 0;
  /** Highest inbox number that has been taken into the journal. */
  takenSeq = 0;
  /** When a pause was asked for, as long as it lasts. */
  pauseRequestedAt: number | undefined;
  isPaused = false;
  final: RecordOf<'completed' | 'errored' | 'terminated'> | undefined;
  lastFailure: RecordOf<'turn_failed'> | undefined;
  /** The last turn was cut off, or other code goes on, and no step has moved since: `run()` may be about to go on. */
  isCutOff = false;
  /** Set: no step goes on any more. */
  rollback: RecordOf<'rollback_started'> | undefined;
  /** Steps whose handlers have not succeeded yet; the last one is next. */
  toUndo: StepState[] = [];
  /** Of the handler that failed for good, which stops the others. */
  rollbackFailure: ErrorData | undefined;
  /** How many have been asked for. */
  approvals = 0;
  readonly steps = new Map<string, StepState>();
  readonly keysByOrdinal = new Map<number, StepKey>();
  /** Sleeping, waiting, gated, retrying or deferred. */
  readonly open = new Set<StepState>();
  /** Accepted and not consumed, by type, oldest first. */
  readonly buffered = new Map<string, BufferedEvent[]>();
  bufferedCount = 0;
  /** Bytes of all that its records carry: payloads of events, results, streams, output. */
  storedBytes = 0;
  readonly reported = new Set<string>();

  apply(record: JournalRecord): void {
    this.position += 1;
    this.lastAt = record.at;
    const value = carriedValue(record);
    if (value !== undefined) this.storedBytes += storedBytes(value);
    switch (record.kind) {
      case 'started':
        this.startedAt ??= record.at;
        return;
      case 'attempt_started': {
        const step = this.#attempted(record, record.at);
        step.openAttempt = {
          number: record.attempt,
          startedAt: record.at,
          tokenHash: undefined,
          timeoutMs: undefined,
          completion: undefined,
        };
        this.open.delete(step);
        step.phase = 'attempting';
        return;
      }
      case 'token_made': {
        const { openAttempt } = this.#step(record, 'attempting', record.at);
        if (openAttempt !== undefined) openAttempt.tokenHash = record.hash;
        return;
      }
      case 'attempt_deferred': {
        const step = this.#step(record, 'attempting', record.at);
        if (step.openAttempt !== undefined) step.openAttempt.timeoutMs = record.timeoutMs;
        this.#hold(step, 'deferred', record.until);
        return;
      }
      case 'completion_received': {
        // A negative number was inherited from an earlier life of the instance.
        this.takenSeq = Math.max(this.takenSeq, record.seq);
        // The guest may have ended the attempt before it hears of this.
        const openAttempt = this.stepOf(record.step)?.openAttempt;
        if (openAttempt?.tokenHash === record.tokenHash) openAttempt.completion ??= record;
        return;
      }
      case 'attempt_failed': {
        const step = this.#attempted(record, record.startedAt);
        step.openAttempt = undefined;
        step.lostTo = undefined;
        this.#hold(step, 'retrying', record.retryAt);
        return;
      }
      case 'step_settled': {
        const step = this.#attempted(record, record.startedAt);
        if (record.outcome.ok && isStoredStream(record.outcome.value)) {
          step.stream = record.outcome.value;
        }
        this.#settle(step);
        if (record.step.kind !== 'rollback') return;
        if (record.outcome.ok) this.toUndo.pop();
        else this.rollbackFailure = record.outcome.error;
        return;
      }
      case 'completion_consumed':
      case 'sleep_completed':
      case 'wait_timed_out':
        this.#settle(this.#step(record, 'settled', record.at));
        return;
      case 'sleep_started':
        this.#hold(this.#step(record, 'sleeping', record.at), 'sleeping', record.until);
        return;
      case 'wait_started':
        this.#hold(this.#step(record, 'waiting', record.at, record), 'waiting', record.until);
        return;
      case 'approval_asked': {
        this.approvals += 1;
        const step = this.#step(record, 'gated', record.at);
        this.#passGate(step);
        if (record.call !== undefined) step.hasBegun = true;
        if (step.openAttempt !== undefined) step.attempts -= 1;
        step.openAttempt = undefined;
        step.gate = { approval: record.approval, policy: record.policy, call: record.call, verdict: undefined };
        this.#hold(step, 'gated', record.until);
        return;
      }
      case 'verdict_received': {
        // A negative number was inherited from an earlier life of the instance.
        this.takenSeq = Math.max(this.takenSeq, record.seq);
        const gate = this.stepOf(record.step)?.gate;
        // The guest may have given up waiting before it hears of this.
        if (gate?.approval === record.approval) gate.verdict ??= record;
        return;
      }
      case 'step_refused':
        this.#settle(this.#step(record, 'settled', record.at));
        if (record.step.kind === 'rollback') this.rollbackFailure = record.error;
        return;
      case 'event_consumed':
        this.#consume(record.seq);
        this.#settle(this.#step(record, 'settled', record.at));
        return;
      case 'event_received': {
        // A negative number was inherited from an earlier life of the instance.
        this.takenSeq = Math.max(this.takenSeq, record.seq);
        const events = this.buffered.get(record.eventType);
        if (events === undefined) this.buffered.set(record.eventType, [record]);
        else events.push(record);
        this.bufferedCount += 1;
        return;
      }
      case 'inbox_gap_closed':
        this.takenSeq = record.seq;
        return;
      case 'pause_requested':
        this.takenSeq = record.seq;
        this.pauseRequestedAt ??= record.requestedAt;
        return;
      case 'paused':
        this.isPaused = true;
        return;
      case 'resumed':
        this.takenSeq = record.seq;
        this.#resume(record.resumedAt);
        return;
      case 'diverged':
        this.reported.add(divergenceText(record.expected, record.got));
        return;
      case 'unrecorded_effect':
        this.reported.add(effectText(record.what));
        return;
      case 'turn_failed':
        this.lastFailure = record;
        this.isCutOff = true;
        this.#loseOpenAttempts(record);
        return;
      case 'moved':
        // What the other code is about to do stands nowhere.
        this.isCutOff = true;
        return;
      case 'logged':
        this.logRecords += 1;
        for (const { message } of record.lines) this.logChars += message.length;
        return;
      case 'rollback_started':
        this.rollback = record;
        this.isCutOff = false;
        this.toUndo = [...this.steps.values()].filter(isUndoable).sort((a, b) => a.ordinal - b.ordinal);
        return;
      case 'completed':
      case 'errored':
      case 'terminated':
        this.final = record;
        return;
    }
  }

  stepOf(key: StepKey): StepState | undefined {
    return this.steps.get(stepKeyText(key));
  }

  #step(
    record: { readonly step: StepKey; readonly ordinal: number; readonly config?: StepConfig },
    phase: StepPhase,
    startedAt: number,
    wait?: RecordOf<'wait_started'>,
  ): StepState {
    this.isCutOff = false;
    const text = stepKeyText(record.step);
    const known = this.steps.get(text);
    if (known !== undefined) return known;
    const step: StepState = {
      key: record.step,
      ordinal: record.ordinal,
      startedAt,
      phase,
      config: record.step.kind === 'rollback' ? this.#rollbackConfig(record.step) : record.config,
      hasBegun: false,
      gate: undefined,
      approved: [],
      attempts: 0,
      openAttempt: undefined,
      lostTo: undefined,
      until: 0,
      untilUnmoved: 0,
      stream: undefined,
      eventType: wait?.eventType ?? '',
      timeoutMs: wait?.timeoutMs,
    };
    this.steps.set(text, step);
    // A handler goes by the ordinal of its step.
    if (record.step.kind !== 'rollback') this.keysByOrdinal.set(record.ordinal, record.step);
    if (record.step.kind === 'do') this.doSteps += 1;
    return step;
  }

  /** Of a record that tells of an attempt. */
  #attempted(
    record: {
      readonly step: StepKey;
      readonly ordinal: number;
      readonly attempt: number;
      readonly config?: StepConfig;
    },
    startedAt: number,
  ): StepState {
    const step = this.#step(record, 'attempting', startedAt);
    this.#passGate(step);
    step.hasBegun = true;
    step.attempts = record.attempt;
    return step;
  }

  /** It goes on, which it could only where it was approved. */
  #passGate(step: StepState): void {
    if (step.gate !== undefined) step.approved = [...step.approved, gateText(step.gate)];
    step.gate = undefined;
  }

  #hold(step: StepState, phase: StepPhase, until: number): void {
    step.phase = phase;
    step.until = until;
    step.untilUnmoved = until;
    this.open.add(step);
  }

  #rollbackConfig({ name, count }: StepKey): StepConfig | undefined {
    return this.stepOf({ kind: 'do', name, count })?.config?.rollback;
  }

  #settle(step: StepState): void {
    step.phase = 'settled';
    step.gate = undefined;
    step.openAttempt = undefined;
    step.lostTo = undefined;
    this.open.delete(step);
  }

  #consume(seq: number): void {
    for (const [type, events] of this.buffered) {
      const index = events.findIndex((event) => event.seq === seq);
      if (index < 0) continue;
      events.splice(index, 1);
      if (events.length === 0) this.buffered.delete(type);
      this.bufferedCount -= 1;
      return;
    }
  }

  #resume(resumedAt: number): void {
    if (this.pauseRequestedAt !== undefined) {
      const shift = Math.max(0, resumedAt - this.pauseRequestedAt);
      for (const step of this.open) step.until += shift;
    }
    this.pauseRequestedAt = undefined;
    this.isPaused = false;
  }

  #loseOpenAttempts(failure: RecordOf<'turn_failed'>): void {
    for (const step of this.steps.values()) {
      if (!isLosable(step)) continue;
      if (failure.isCounted) {
        step.lostTo = failure.cause;
      } else {
        step.attempts -= 1;
        step.openAttempt = undefined;
      }
    }
  }
}

/** Whether there is anything to undo, should the instance fail now. */
export const canRollBack = (state: JournalState): boolean => {
  for (const step of state.steps.values()) if (isUndoable(step)) return true;
  return false;
};

/** The key by which the undoing of a `do` is recorded. */
export const rollbackKeyOf = ({ name, count }: StepKey): StepKey => ({ kind: 'rollback', name, count });

export const divergenceText = (expected: string, got: string): string => `diverged ${expected} | ${got}`;
export const effectText = (what: string): string => `effect ${what}`;

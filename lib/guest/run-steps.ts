import type { Settlement, StepConfig, StepKind } from '../core/records.ts';
import type { BufferedEvent } from '../core/replay/journal-state.ts';
import type { Replay, StepCall } from '../core/replay/replay.ts';
import type { DoCall } from '../core/replay/step-call.ts';
import { isStoredStream } from '../core/replay/streams.ts';
import type { Attempts } from './attempts.ts';
import { reviveRecorded } from './error-data.ts';
import { timeoutError, WorkflowFatalError } from './errors.ts';
import type { Recorder } from './recorder.ts';
import type { Rollback } from './rollback.ts';
import type { StepCalls } from './step.ts';
import type { StreamResults } from './stream-results.ts';
import { decode } from './values.ts';

interface RunStepsParams {
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly attempts: Attempts;
  readonly streams: StreamResults;
  readonly rollback: Rollback;
  /** The instance cannot go on: it ends with this error, whatever `run()` does. */
  readonly doom: (error: Error) => void;
  /** Told of each call while it is being made. */
  readonly onCall?: ((call: StepCall) => void) | undefined;
}

interface Promised {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The step calls of `run()`: promises that are settled from records, and what to do when each may begin. */
export class RunSteps implements StepCalls {
  readonly #params: RunStepsParams;
  readonly #begin = new Map<StepCall, () => void>();

  constructor(params: RunStepsParams) {
    this.#params = params;
  }

  nowInRun(): number {
    return this.#params.replay.nowInRun;
  }

  do(name: string, { config, undo, ...code }: DoCall): Promise<unknown> {
    const { attempts, rollback } = this.#params;
    return this.#call('do', name, config, (call) => {
      attempts.register(call, code);
      if (undo !== undefined) rollback.register(call.key, undo);
      return () => attempts.begin(call);
    });
  }

  sleep(name: string, until: { readonly ms: number } | { readonly at: number }): Promise<unknown> {
    return this.#call('sleep', name, undefined, ({ key, ordinal }) => () => {
      this.#params.recorder.record((at) => ({
        kind: 'sleep_started',
        step: key,
        ordinal,
        at,
        until: 'ms' in until ? at + until.ms : until.at,
      }));
    });
  }

  waitForEvent(name: string, eventType: string, timeoutMs: number): Promise<unknown> {
    return this.#call('waitForEvent', name, undefined, ({ key, ordinal }) => () => {
      this.#params.recorder.record((at) => ({
        kind: 'wait_started',
        step: key,
        ordinal,
        at,
        eventType,
        timeoutMs,
        until: at + timeoutMs,
      }));
    });
  }

  /** Begins the calls that have waited for the replay. `false`: there was none. */
  beginWaiting(): boolean {
    const calls = this.#params.replay.takeStartable();
    for (const call of calls) {
      // What is recorded of a sleep or a wait has begun; a step's callback may be due again.
      if (call.key.kind === 'do' || this.#params.replay.state.stepOf(call.key) === undefined) this.#begin.get(call)?.();
    }
    return calls.length > 0;
  }

  /** `prepare` gives what begins the call. */
  #call(
    kind: StepKind,
    name: string,
    config: StepConfig | undefined,
    prepare: (call: StepCall) => () => void,
  ): Promise<unknown> {
    const { replay, attempts, doom, onCall } = this.#params;
    return new Promise((resolve, reject) => {
      const call = replay.call(kind, name, config, (settlement, value, event) => {
        attempts.forget(call);
        this.#begin.delete(call);
        this.#settle(settlement, value, event, { resolve, reject });
      });
      onCall?.(call);
      const limit = this.#exceeded(kind);
      if (limit !== undefined) return doom(new WorkflowFatalError(limit));
      this.#begin.set(call, prepare(call));
      replay.enlist(call);
    });
  }

  #exceeded(kind: StepKind): string | undefined {
    const { limits, isOverStepLimit, isFull } = this.#params.replay;
    if (kind === 'do' && isOverStepLimit) return `The limit of ${limits.steps} steps has been reached.`;
    if (!isFull) return undefined;
    return `The limit of ${limits.records} journal records has been reached: fewer steps, sleeps, waits and retries in one instance`;
  }

  #settle(
    settlement: Settlement,
    value: string | undefined,
    event: BufferedEvent | undefined,
    { resolve, reject }: Promised,
  ): void {
    switch (settlement.kind) {
      case 'step_settled':
        if (!settlement.outcome.ok) reject(reviveRecorded(settlement.outcome.error));
        else if (isStoredStream(settlement.outcome.value)) {
          resolve(this.#params.streams.open(settlement.step, settlement.outcome.value));
        } else resolve(value === undefined ? undefined : decode(value));
        return;
      case 'step_refused':
        reject(reviveRecorded(settlement.error));
        return;
      case 'completion_consumed':
        resolve(value === undefined ? undefined : decode(value));
        return;
      case 'sleep_completed':
        resolve(undefined);
        return;
      case 'event_consumed':
        resolve({
          payload: value === undefined ? undefined : decode(value),
          timestamp: new Date(event?.acceptedAt ?? settlement.at),
          type: event?.eventType ?? '',
        });
        return;
      case 'wait_timed_out':
        reject(timeoutError(this.#params.replay.state.stepOf(settlement.step)?.timeoutMs ?? 0));
        return;
    }
  }
}

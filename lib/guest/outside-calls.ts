import type { HostCall } from '../ports/turn-messages.ts';
import type { Owner } from './attempt.ts';
import type { Attempts } from './attempts.ts';
import type { HostCalls } from './host-calls.ts';
import type { Recorder } from './recorder.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { RunReports } from './run-reports.ts';

interface OutsideCallsParams {
  readonly calls: HostCalls;
  readonly attempts: Attempts;
  readonly recorder: Recorder;
  readonly reports: RunReports;
  readonly rehearsal: Rehearsal | undefined;
  readonly post: (call: HostCall) => void;
  /** The instance ends by this error, whatever `run()` does. */
  readonly doom: () => Error | undefined;
}

/** Calls through bindings, made by `run()` or by an attempt. */
export class OutsideCalls {
  readonly #params: OutsideCallsParams;

  constructor(params: OutsideCallsParams) {
    this.#params = params;
  }

  /** Everything gathered goes with it and is durable before it leaves (E2). */
  call(
    owner: Owner,
    what: { readonly binding: string; readonly method: string; readonly args: readonly unknown[] },
  ): Promise<unknown> {
    const { calls, attempts, recorder, reports, rehearsal, post, doom } = this.#params;
    const name = `${what.binding}.${what.method}`;
    if (rehearsal !== undefined) {
      rehearsal.noteEffect(name);
      return new Promise(() => {});
    }
    if (owner.kind === 'attempt') {
      if (owner.attempt.isOver) {
        return Promise.reject(new Error(`${name} was refused: the attempt that called it is over`));
      }
      if (attempts.holdBack(owner.attempt, what)) return new Promise(() => {});
      attempts.recordStart(owner.attempt);
    } else {
      if (owner.kind === 'run') reports.effect(name);
      const error = doom();
      if (error !== undefined) return Promise.reject(error);
    }
    return calls.make(owner, what, post, () => recorder.take());
  }
}

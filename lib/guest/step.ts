import { type DoCall, readDo, readSleep, readSleepUntil, readWaitForEvent } from '../core/replay/step-call.ts';
import { WorkflowFatalError } from './errors.ts';

/** What the proxy asks of the turn; each promise is settled from a record of the journal. */
export interface StepCalls {
  nowInRun(): number;
  do(name: string, call: DoCall): Promise<unknown>;
  sleep(name: string, until: { readonly ms: number } | { readonly at: number }): Promise<unknown>;
  waitForEvent(name: string, eventType: string, timeoutMs: number): Promise<unknown>;
}

/** The `step` that tenant code gets: checks what it is given and hands it on. */
export const makeStep = (calls: StepCalls, maxCallbackMs?: number): object =>
  Object.freeze({
    async do(name: string, ...args: unknown[]) {
      const read = readDo(name, args, maxCallbackMs);
      if (!read.ok) throw new WorkflowFatalError(read.problem);
      return calls.do(name, read);
    },
    async sleep(name: string, duration: unknown) {
      const read = readSleep(name, duration);
      if (!read.ok) throw new WorkflowFatalError(read.problem);
      await calls.sleep(name, { ms: read.ms });
    },
    async sleepUntil(name: string, moment: unknown) {
      const read = readSleepUntil(name, moment, calls.nowInRun());
      if (!read.ok) throw new WorkflowFatalError(read.problem);
      await calls.sleep(name, { at: read.until });
    },
    async waitForEvent(name: string, options: unknown) {
      const read = readWaitForEvent(name, options);
      if (!read.ok) throw new WorkflowFatalError(read.problem);
      return calls.waitForEvent(name, read.eventType, read.timeoutMs);
    },
  });

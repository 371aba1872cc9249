import { HOLD_MS } from '../core/replay/budget.ts';
import type { Replay } from '../core/replay/replay.ts';
import type { Attempts } from './attempts.ts';
import type { HostCalls } from './host-calls.ts';
import type { Recorder } from './recorder.ts';
import type { Timers } from './timers.ts';
import type { TurnHost } from './turn-host.ts';

interface TurnRestParams {
  readonly host: TurnHost;
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly attempts: Attempts;
  readonly calls: HostCalls;
  readonly timers: Timers;
  /** When something can happen by itself, epoch ms. */
  readonly nextOutsideAt: () => number | undefined;
  /** `run()` waits, and nothing can come: the turn goes on to its end. */
  readonly onNever: () => void;
}

/** What a turn does when there is nothing to enter: it waits for what is on its way, or says that it is blocked. */
export class TurnRest {
  readonly #params: TurnRestParams;
  #isTold = false;
  #alarmAt: number | undefined;

  constructor(params: TurnRestParams) {
    this.#params = params;
  }

  /** Something has come: what was said of being blocked is said again. */
  disturb(): void {
    this.#isTold = false;
  }

  onAlarm(): void {
    this.#alarmAt = undefined;
    this.disturb();
  }

  /** Commits what is due, and has nothing else to do. `isPausing`, `isBack`: it is about to be paused; it rolls back. */
  settleDown(now: number, { isPausing, isBack }: { readonly isPausing: boolean; readonly isBack: boolean }): void {
    const { host, replay, recorder, attempts, nextOutsideAt, onNever } = this.#params;
    if (attempts.needsCommit) {
      host.post({ kind: 'commit', records: recorder.take() });
      attempts.onCommitSent();
    }
    if (this.#isInFlight) {
      recorder.sendIfDue(now);
      return this.rearm(isPausing);
    }
    if (this.#isTold) return this.rearm(isPausing);
    if (attempts.hasPostponed && !isPausing) {
      this.#isTold = true;
      return host.post({ kind: 'yield', records: recorder.take() });
    }
    const canGoNowhere = replay.isLive && replay.openSteps().length === 0;
    if (!isPausing && !isBack && canGoNowhere) return onNever();
    this.#isTold = true;
    const wakeAt = isPausing ? undefined : nextOutsideAt();
    host.post({
      kind: 'blocked',
      records: recorder.take(),
      isHolding: wakeAt !== undefined && replay.isLive && wakeAt <= now + HOLD_MS,
      takenSeq: replay.state.takenSeq,
      ...(wakeAt === undefined ? {} : { wakeAt }),
    });
    this.rearm(isPausing);
  }

  rearm(isPausing: boolean): void {
    const { host, replay, recorder, attempts, timers, nextOutsideAt } = this.#params;
    const times = [timers.nextAt(), attempts.nextDeadlineAt()];
    if (this.#isInFlight) times.push(recorder.dueAt);
    if (!isPausing && replay.isLive) {
      const outsideAt = nextOutsideAt();
      const isNear = outsideAt !== undefined && outsideAt <= host.now() + HOLD_MS;
      if (isNear || this.#isInFlight) times.push(outsideAt);
    }
    const at = times.reduce((first, time) =>
      first === undefined || (time !== undefined && time < first) ? time : first,
    );
    if (at === this.#alarmAt) return;
    this.#alarmAt = at;
    host.setAlarm(at);
  }

  get #isInFlight(): boolean {
    const { attempts, calls, timers } = this.#params;
    return attempts.size > 0 || calls.size > 0 || timers.holdTurn;
  }
}

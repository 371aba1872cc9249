import type { LogLevel } from '../core/records.ts';
import { SECOND_MS } from '../core/replay/budget.ts';
import { RandomStream } from '../core/replay/random.ts';
import { Replay, showKey } from '../core/replay/replay.ts';
import type { GuestMessage, HostMessage, TurnStart } from '../ports/turn-messages.ts';
import type { Owner } from './attempt.ts';
import { Attempts } from './attempts.ts';
import type { Deferred } from './deferred.ts';
import { WorkflowFatalError } from './errors.ts';
import type { RunOutcome } from './final-record.ts';
import { Gates } from './gates.ts';
import { HostCalls } from './host-calls.ts';
import { nextOutsideAt, Outside } from './outside.ts';
import { OutsideCalls } from './outside-calls.ts';
import { Recorder } from './recorder.ts';
import { Rehearsal } from './rehearsal.ts';
import { Rollback } from './rollback.ts';
import { runEvent } from './run-event.ts';
import { RunReports } from './run-reports.ts';
import { RunSteps } from './run-steps.ts';
import { makeStep } from './step.ts';
import { StreamResults } from './stream-results.ts';
import { longTimerError, Timers } from './timers.ts';
import { TurnEnd } from './turn-end.ts';
import type { TurnHost } from './turn-host.ts';
import { sayingFirst, TurnLogs } from './turn-logs.ts';
import { TurnRest } from './turn-rest.ts';

const NEVER = 'run() waits for something that can never happen: no step, sleep, event or timer is pending';

/** `run` of the tenant's class, made anew for this turn. */
export type RunFunction = (event: object, step: object) => unknown;

/**
 * One turn of one instance, from the guest's side. It is entered for one reason at a time (a settlement for `run()`, the
 * start of a callback, an answer or a timer for one owner), and all microtasks run before the next entry, so that each
 * continuation has exactly one owner.
 */
export class Turn {
  owner: Owner = { kind: 'run' };
  readonly #start: TurnStart;
  readonly #host: TurnHost;
  readonly #replay: Replay;
  readonly #recorder: Recorder;
  readonly #streams: StreamResults;
  readonly #attempts: Attempts;
  readonly #rollback: Rollback;
  readonly #steps: RunSteps;
  readonly #reports: RunReports;
  readonly #effects: OutsideCalls;
  readonly #outside: Outside;
  readonly #rest: TurnRest;
  readonly #end: TurnEnd;
  /** Nothing new may happen. */
  readonly #rehearsal: Rehearsal | undefined;
  readonly #random: RandomStream;
  readonly #logs: TurnLogs;
  readonly #timers = new Timers();
  readonly #calls = new HostCalls();
  readonly #entries: { readonly owner: Owner; readonly enter: () => void }[] = [];
  /** Values that were asked for and have come, by position. */
  readonly #values = new Map<number, string>();
  #outcome: RunOutcome | undefined;
  /** How the instance ends, whatever `run()` does. */
  #doom: Error | undefined;
  #isEntryPosted = false;
  /** The dispatcher has been asked for something that the turn cannot go on without. */
  #isAsking = false;

  constructor(start: TurnStart, host: TurnHost) {
    this.#start = start;
    this.#logs = new TurnLogs({ post: (message) => host.post(message), now: () => host.now() });
    this.#host = sayingFirst(this.#logs, host);
    const { isRehearsal = false, limits, hasMore } = start;
    this.#replay = new Replay({ limits, hasMore, tellsAgain: isRehearsal });
    this.#rehearsal = isRehearsal ? new Rehearsal(this.#replay, this.#host) : undefined;
    this.#replay.load(start.records, start.hasMore);
    this.#replay.nowInRun = start.timestamp;
    this.#random = new RandomStream(start.seed);
    this.#recorder = new Recorder(this.#replay, this.#host);
    const parts = { replay: this.#replay, recorder: this.#recorder, rehearsal: this.#rehearsal, host: this.#host };
    const gates = new Gates({ ...parts, policies: start.policies ?? [] });
    this.#streams = new StreamResults({
      calls: this.#calls,
      recorder: this.#recorder,
      post: (message) => this.#host.post(message),
      recordStart: (attempt) => this.#attempts.recordStart(attempt),
      onRead: (attempt) => this.#attempts.onStreamRead(attempt),
      owner: () => this.owner,
    });
    this.#attempts = new Attempts({
      ...parts,
      gates,
      tokenPrefix: start.tokenPrefix,
      isCautious: start.isCautious,
      endsAt: start.endsAt,
      maxCallbackMs: start.limits.callbackMs,
      enter: (owner, enter) => this.#entries.push({ owner, enter }),
      writeStream: (attempt, stream) => this.#streams.write(attempt, stream),
      onOver: (attempt) => {
        this.#timers.clearOf(attempt);
        this.#calls.dropOf(attempt);
      },
    });
    this.#rollback = new Rollback({ replay: this.#replay, attempts: this.#attempts, streams: this.#streams, gates });
    this.#steps = new RunSteps({
      ...parts,
      attempts: this.#attempts,
      streams: this.#streams,
      rollback: this.#rollback,
      doom: (error) => this.#dooms(error),
      onCall: this.#rehearsal && ((call) => this.#rehearsal?.noteCall(call)),
    });
    this.#reports = new RunReports({ ...parts, isStrict: start.isStrict, doom: (error) => this.#dooms(error) });
    this.#effects = new OutsideCalls({
      ...parts,
      calls: this.#calls,
      attempts: this.#attempts,
      reports: this.#reports,
      post: (call) => this.#host.post(call),
      doom: () => this.#doom,
    });
    this.#outside = new Outside({ ...parts, attempts: this.#attempts, gates });
    this.#end = new TurnEnd({ ...parts, attempts: this.#attempts });
    this.#rest = new TurnRest({
      ...parts,
      attempts: this.#attempts,
      calls: this.#calls,
      timers: this.#timers,
      nextOutsideAt: () => (this.#isRollingBack ? this.#rollback.nextAt() : nextOutsideAt(this.#replay)),
      onNever: () => {
        this.#dooms(new WorkflowFatalError(NEVER));
        this.#postEntry();
      },
    });
  }

  /** Enters `run()` for the first time. `makeRun` evaluates the bundle, in the name of `run()`. */
  begin(makeRun: () => RunFunction): void {
    const { state } = this.#replay;
    const isNew = state.startedAt === undefined && !this.#start.hasMore;
    if (isNew && this.#rehearsal === undefined) this.#recorder.record((at) => ({ kind: 'started', at }));
    this.#replay.nowInRun = state.startedAt ?? this.#start.timestamp;
    this.#entries.push({
      owner: { kind: 'run' },
      enter: () => {
        const settled = async () =>
          makeRun()(runEvent(this.#start), makeStep(this.#steps, this.#start.limits.callbackMs));
        const end = (outcome: RunOutcome): void => {
          this.#outcome ??= outcome;
        };
        settled().then(
          (value) => end({ ok: true, value }),
          (error: unknown) => end({ ok: false, error }),
        );
      },
    });
    this.#postEntry();
  }

  // --- what the web globals and the bindings ask ---

  /** Epoch ms: real in an attempt, that of the last delivery in `run()`. */
  now(): number {
    return this.owner.kind === 'run' ? this.#replay.nowInRun : this.#host.now();
  }

  get isDeterministic(): boolean {
    return this.owner.kind === 'run';
  }

  get random(): RandomStream {
    return this.#random;
  }

  setTimer(ms: number, fire: () => void, holdsTurn: boolean): number {
    if (this.owner.kind === 'run' && holdsTurn && ms >= SECOND_MS) {
      const error = longTimerError(ms);
      this.#dooms(error);
      throw error;
    }
    const id = this.#timers.set({ at: this.#host.now() + ms, owner: this.owner, fire, holdsTurn });
    this.#rest.rearm(this.#isPausing);
    return id;
  }

  clearTimer(id: number): void {
    this.#timers.clear(id);
  }

  /** What is said while recorded results are delivered has been said before, and what a rehearsal says is for nobody. */
  get isLogging(): boolean {
    if (this.#rehearsal !== undefined || this.#end.isReached) return false;
    if (this.owner.kind !== 'run') return true;
    return this.#start.isResumed === true ? this.#replay.isBeyondJournal : this.#replay.isLive;
  }

  log(level: LogLevel, text: string): void {
    this.#logs.add(this.owner, level, text);
  }

  /** A call to the outside, in the name of whoever is at work. */
  call(binding: string, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#effects.call(this.owner, { binding, method, args });
  }

  /** A deferred result of the attempt that is at work, as its own `ctx.defer()` makes it. */
  defer(options: unknown): Deferred {
    if (this.owner.kind === 'attempt') return this.#attempts.defer(this.owner.attempt, options);
    throw new WorkflowFatalError('A deferred result was asked for outside a step: make the call inside step.do');
  }

  // --- entries ---

  onMessage(message: HostMessage): void {
    if (this.#end.isReached) return;
    switch (message.kind) {
      case 'segment':
        this.#isAsking = false;
        this.#replay.load(message.records, message.hasMore);
        break;
      case 'value':
        this.#isAsking = false;
        this.#values.set(message.position, message.value);
        break;
      case 'answer': {
        const entry = this.#calls.entryFor(message);
        if (entry === undefined) return;
        this.#entries.push(entry);
        break;
      }
      case 'inbox':
        for (const record of message.records) this.#replay.note(record);
        if (message.isAnswer === true) {
          this.#isAsking = false;
          this.#outside.onInboxRead();
        }
        break;
      case 'committed':
        this.#attempts.onCommitted();
        break;
      case 'start_turn':
      case 'start_fetch':
        return;
    }
    this.#rest.disturb();
    this.#postEntry();
  }

  onAlarm(): void {
    if (this.#end.isReached) return;
    this.#rest.onAlarm();
    const now = this.#host.now();
    for (const timer of this.#timers.takeDue(now)) this.#entries.push({ owner: timer.owner, enter: timer.fire });
    this.#attempts.timeOut(now);
    this.#postEntry();
  }

  onEntry(): void {
    this.#isEntryPosted = false;
    if (this.#end.isReached) return;
    const entry = this.#entries.shift();
    if (entry === undefined) {
      this.owner = { kind: 'run' };
      this.#goOn();
      return;
    }
    this.owner = entry.owner;
    this.#postEntry();
    entry.enter();
  }

  #postEntry(): void {
    if (this.#isEntryPosted || this.#end.isReached) return;
    this.#isEntryPosted = true;
    this.#host.postEntry();
  }

  /** No entry is waiting and all microtasks have run: what is next? */
  #goOn(): void {
    if (this.#isAsking) return;
    if (this.#rehearsal?.hasEndedAtEffect() === true) {
      this.#end.isReached = true;
      return;
    }
    const hasEnded = this.#doom !== undefined || this.#outcome !== undefined;
    // What comes next may be that it was on its way back.
    if (hasEnded && this.#replay.hasMore) return this.#ask({ kind: 'need_segment' });
    if (this.#isRollingBack) return this.#goOnBack();
    if (this.#doom === undefined) this.#reports.diverge(this.#replay.findDivergence());
    if (this.#doom === undefined && this.#outcome !== undefined) {
      const missed = this.#replay.firstUncalled();
      if (missed !== undefined) this.#reports.diverge(this.#replay.divergenceAt(missed, 'run() ended'));
      if (this.#doom === undefined) return this.#end.finish(this.#outcome);
    }
    if (this.#doom !== undefined) return this.#end.finish({ ok: false, error: this.#doom });

    if (this.#rehearsal !== undefined) return this.#rehearse();
    const now = this.#host.now();
    if (this.#isPausing) return this.#settleDown(now);
    if (!this.#streams.holdsRun && this.#deliverNext()) return;
    if (this.#replay.isLive && this.#startWhatCan(now)) return this.#postEntry();
    if (this.#isAsking) return;
    this.#settleDown(now);
  }

  /** A rehearsal looks at the way forth alone. */
  get #isRollingBack(): boolean {
    return this.#replay.state.rollback !== undefined && this.#rehearsal === undefined;
  }

  /** Rolling back: `run()` is replayed as far as it was recorded, for its handlers, and however it ends there. */
  #goOnBack(): void {
    const now = this.#host.now();
    if (this.#isPausing) return this.#settleDown(now);
    if (!this.#streams.holdsRun && this.#deliverNext()) return;
    if (this.#streams.holdsRun || !this.#replay.isLive) return this.#settleDown(now);
    const move = this.#rollback.next(now, { values: this.#values, inboxKnownAt: this.#outside.inboxKnownAt });
    switch (move.kind) {
      case 'acted':
        return this.#postEntry();
      case 'waiting':
        return this.#settleDown(now);
      case 'need_value':
        return this.#ask(move);
      case 'need_inbox':
        return this.#askInbox(now);
      case 'over':
        return this.#end.finishRolledBack(move.outcome);
    }
  }

  #ask(message: Extract<GuestMessage, { kind: 'need_value' } | { kind: 'need_segment' }>): void {
    this.#isAsking = true;
    this.#host.post(message);
  }

  get #isPausing(): boolean {
    return this.#replay.state.pauseRequestedAt !== undefined;
  }

  #deliverNext(): boolean {
    const next = this.#replay.next(this.#values);
    switch (next.kind) {
      case 'deliver':
        this.#random.rewind(this.#replay.delivered);
        next.call.settle(next.record, next.value, next.event);
        this.#postEntry();
        return true;
      case 'need_value':
      case 'need_segment':
        this.#ask(next);
        return true;
      case 'not_called': {
        // `run()` may be about to call it, after a timer or an answer of its own.
        if (this.#timers.hasOfRun || this.#calls.size > 0) return false;
        const waiting = this.#replay.openSteps()[0];
        const got = waiting === undefined ? 'run() waits for something else' : showKey(waiting.step.key);
        if (!this.#isRollingBack) this.#reports.diverge(this.#replay.divergenceAt(next.key, got));
        this.#replay.passOver();
        this.#postEntry();
        return true;
      }
      case 'none':
        return false;
    }
  }

  /** Calls that have waited for the replay, then whatever events and the clock have made due. */
  #startWhatCan(now: number): boolean {
    const hasBegun = this.#steps.beginWaiting();
    const { hasActed, needsInbox } = this.#outside.take(now);
    if (needsInbox) this.#askInbox(now);
    return hasBegun || hasActed;
  }

  #askInbox(now: number): void {
    this.#isAsking = true;
    this.#outside.onInboxAsked(now);
    this.#host.post({ kind: 'need_inbox' });
  }

  #settleDown(now: number): void {
    this.#rest.settleDown(now, { isPausing: this.#isPausing, isBack: this.#isRollingBack });
  }

  #dooms(error: Error): void {
    this.#doom ??= error;
  }

  /** The same as far as the journal goes; there it ends, unless a timer of `run()` itself has still to come. */
  #rehearse(): void {
    if ((!this.#streams.holdsRun && this.#deliverNext()) || this.#isAsking) return;
    // What it reads of a recorded stream is on its way.
    if (!this.#replay.isLive || this.#timers.hasOfRun || this.#calls.size > 0) return this.#rest.rearm(this.#isPausing);
    const next = this.#replay.takeStartable().find(({ key }) => this.#replay.state.stepOf(key)?.phase !== 'settled');
    if (next === undefined) {
      this.#dooms(new WorkflowFatalError(NEVER));
      return this.#postEntry();
    }
    this.#end.isReached = true;
    this.#rehearsal?.endCaughtUp(next.key);
  }
}

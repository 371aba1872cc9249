import type { ErrorData, JournalRecord, Settlement, StepConfig, StepOutcome, Termination } from '../core/records.ts';
import { commitDueAt, type Gathered, HOLD_MS, isCommitDue, MAX_VALUE_BYTES, SECOND_MS } from '../core/replay/budget.ts';
import type { BufferedEvent, StepState } from '../core/replay/journal-state.ts';
import { RandomStream } from '../core/replay/random.ts';
import { Replay, type StepCall, showKey } from '../core/replay/replay.ts';
import { DEFAULT_STEP_CONFIG, retryDelayMs } from '../core/replay/retries.ts';
import type { GuestMessage, HostMessage, TurnStart } from '../ports/turn-messages.ts';
import { NonRetryableError } from '../sdk/workflows.ts';
import type { Attempt, Owner } from './attempt.ts';
import { NonDeterminismError, timeoutError, WorkflowFatalError } from './errors.ts';
import { HostCalls } from './host-calls.ts';
import { jsonSize } from './json-size.ts';
import { makeStep } from './step.ts';
import { Timers } from './timers.ts';
import { decode, encode, fieldsOf, reviveError, text } from './values.ts';

/** What a turn stands on: inside an isolate the executor, in the simulation plain JavaScript with time in its hand. */
export interface TurnHost {
  /** The real time, epoch ms. */
  now(): number;
  post(message: GuestMessage): void;
  /** Asks for `onAlarm` at that time (epoch ms) in place of any asked for before. */
  setAlarm(at: number | undefined): void;
  /** Asks for `onEntry` as a task of its own, after all microtasks. */
  postEntry(): void;
  /** A stack in the tenant's own source lines. */
  mapStack(stack: string): string;
}

type RunOutcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** `run` of the tenant's class, made anew for this turn. */
export type RunFunction = (event: object, step: object) => unknown;

const MAX_TEXT = 16_384;

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
  readonly #random: RandomStream;
  readonly #timers = new Timers();
  readonly #entries: { readonly owner: Owner; readonly enter: () => void }[] = [];
  readonly #attempts = new Set<Attempt>();
  readonly #callbacks = new Map<StepCall, (context: unknown) => unknown>();
  readonly #begin = new Map<StepCall, () => void>();
  readonly #values = new Map<number, string>();
  readonly #calls = new HostCalls();
  #outcome: RunOutcome | undefined;
  #doom: Error | undefined;
  #isOver = false;
  #isEntryPosted = false;
  #isAsking = false;
  /** When the inbox was last asked for, and when the reading was asked for that has come; epoch ms. */
  #inboxAskedAt = 0;
  #inboxKnownAt = 0;
  /** Attempts whose start must be durable before their callbacks run. */
  #awaitingCommit: (() => void)[] = [];
  /** Those of them whose starts have been sent: `committed` is about these and no later ones. */
  #committing: (() => void)[] = [];
  #gatheredBytes = 0;
  #gatheredSinceAt = 0;
  #alarmAt: number | undefined;
  #isBlockedTold = false;

  constructor(start: TurnStart, host: TurnHost) {
    this.#start = start;
    this.#host = host;
    this.#replay = new Replay({ limits: start.limits, hasMore: start.hasMore });
    this.#replay.load(start.records, start.hasMore);
    this.#random = new RandomStream(start.seed);
    this.#replay.nowInRun = start.timestamp;
  }

  /** Enters `run()` for the first time. `makeRun` evaluates the bundle, in the name of `run()`. */
  begin(makeRun: () => RunFunction): void {
    if (this.#replay.state.startedAt === undefined && !this.#start.hasMore) {
      this.#propose({ kind: 'started', at: this.#replay.stamp(this.#host.now()) });
    }
    this.#replay.nowInRun = this.#replay.state.startedAt ?? this.#start.timestamp;
    this.#entries.push({
      owner: { kind: 'run' },
      enter: () => {
        const event = this.#event();
        const step = makeStep({
          nowInRun: () => this.#replay.nowInRun,
          do: (name, config, callback) => this.#callDo(name, config, callback),
          sleep: (name, until) => this.#callSleep(name, until),
          waitForEvent: (name, eventType, timeoutMs) => this.#callWait(name, eventType, timeoutMs),
        });
        const settled = async () => makeRun()(event, step);
        settled().then(
          (value) => {
            this.#outcome ??= { ok: true, value };
          },
          (error: unknown) => {
            this.#outcome ??= { ok: false, error };
          },
        );
      },
    });
    this.#postEntry();
  }

  // --- what the web globals ask ---

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
      const error = new WorkflowFatalError(
        `setTimeout of ${ms} ms outside a step: it would keep the workflow in memory and be lost with it. Use step.sleep instead`,
      );
      this.#doom ??= error;
      throw error;
    }
    const id = this.#timers.set({ at: this.#host.now() + ms, owner: this.owner, fire, holdsTurn });
    this.#rearm();
    return id;
  }

  clearTimer(id: number): void {
    this.#timers.clear(id);
  }

  /** A call to the outside. Everything gathered goes with it and is durable before it leaves (E2). */
  call(binding: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const { owner } = this;
    if (owner.kind === 'attempt') {
      if (owner.attempt.isOver) {
        return Promise.reject(new Error(`${binding}.${method} was refused: the attempt that called it is over`));
      }
      this.#recordStart(owner.attempt);
    } else {
      this.#reportEffect(`${binding}.${method}`);
      if (this.#doom !== undefined) return Promise.reject(this.#doom);
    }
    return this.#calls.make(
      owner,
      { binding, method, args },
      (call) => this.#host.post(call),
      () => this.#take(),
    );
  }

  // --- entries ---

  onMessage(message: HostMessage): void {
    if (this.#isOver) return;
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
          this.#inboxKnownAt = this.#inboxAskedAt;
        }
        break;
      case 'committed': {
        const starts = this.#committing;
        this.#committing = [];
        for (const start of starts) start();
        break;
      }
      case 'start_turn':
      case 'start_fetch':
        return;
    }
    this.#isBlockedTold = false;
    this.#postEntry();
  }

  onAlarm(): void {
    if (this.#isOver) return;
    this.#alarmAt = undefined;
    const now = this.#host.now();
    for (const timer of this.#timers.takeDue(now)) this.#entries.push({ owner: timer.owner, enter: timer.fire });
    for (const attempt of this.#attempts) if (attempt.deadlineAt <= now) this.#timeOut(attempt);
    this.#isBlockedTold = false;
    this.#postEntry();
  }

  onEntry(): void {
    this.#isEntryPosted = false;
    if (this.#isOver) return;
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
    if (this.#isEntryPosted || this.#isOver) return;
    this.#isEntryPosted = true;
    this.#host.postEntry();
  }

  /** No entry is waiting and all microtasks have run: what is next? */
  #goOn(): void {
    if (this.#isAsking) return;
    if (this.#doom !== undefined) return this.#finish({ ok: false, error: this.#doom });
    this.#reportDivergence(this.#replay.findDivergence());
    if (this.#doom !== undefined) return this.#finish({ ok: false, error: this.#doom });
    if (this.#outcome !== undefined) {
      const missed = this.#replay.firstUncalled();
      if (missed !== undefined) this.#reportDivergence(this.#replay.divergenceAt(missed, 'run() ended'));
      return this.#finish(this.#doom === undefined ? this.#outcome : { ok: false, error: this.#doom });
    }
    const now = this.#host.now();
    if (this.#isPausing) return this.#settleDown(now);
    if (this.#deliverNext()) return;
    if (this.#replay.isLive && this.#startWhatCan(now)) return this.#postEntry();
    if (this.#isAsking) return;
    this.#settleDown(now);
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
        this.#isAsking = true;
        this.#host.post({ kind: 'need_value', position: next.position });
        return true;
      case 'need_segment':
        this.#isAsking = true;
        this.#host.post({ kind: 'need_segment' });
        return true;
      case 'not_called': {
        // `run()` may be about to call it, after a timer or an answer of its own.
        if (this.#timers.hasOfRun || this.#calls.size > 0) return false;
        const waiting = this.#replay.openSteps()[0];
        const got = waiting === undefined ? 'run() waits for something else' : showKey(waiting.step.key);
        this.#reportDivergence(this.#replay.divergenceAt(next.key, got));
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
    const calls = this.#replay.takeStartable();
    for (const call of calls) this.#begin.get(call)?.();
    return this.#takeFromOutside(now) || calls.length > 0;
  }

  /** Nothing to enter: commit what is due, wait for what is on its way, or say that the turn is blocked. */
  #settleDown(now: number): void {
    const isInFlight =
      this.#attempts.size > 0 || this.#calls.size > 0 || this.#timers.holdTurn || this.#awaitingCommit.length > 0;
    if (this.#awaitingCommit.length > 0 && this.#committing.length === 0) {
      // Their starts may have gone with other records already: then only the answer is wanted.
      this.#committing = this.#awaitingCommit;
      this.#awaitingCommit = [];
      this.#host.post({ kind: 'commit', records: this.#take() });
    } else if (isInFlight && isCommitDue(this.#gathered(), now)) {
      this.#host.post({ kind: 'records', records: this.#take() });
    }
    if (isInFlight) return this.#rearm();
    if (this.#isBlockedTold) return this.#rearm();
    if (!this.#isPausing && this.#replay.isLive && this.#replay.openSteps().length === 0) {
      this.#doom ??= new WorkflowFatalError(
        'run() waits for something that can never happen: no step, sleep, event or timer is pending',
      );
      return this.#postEntry();
    }
    this.#isBlockedTold = true;
    const wakeAt = this.#isPausing ? undefined : this.#nextOutsideAt();
    const { takenSeq } = this.#replay.state;
    this.#host.post({
      kind: 'blocked',
      records: this.#take(),
      isHolding: wakeAt !== undefined && this.#replay.isLive && wakeAt <= now + HOLD_MS,
      takenSeq,
      ...(wakeAt === undefined ? {} : { wakeAt }),
    });
    this.#rearm();
  }

  #nextOutsideAt(): number | undefined {
    let next: number | undefined;
    for (const { step } of this.#replay.openSteps()) if (next === undefined || step.until < next) next = step.until;
    return next;
  }

  #rearm(): void {
    const now = this.#host.now();
    const times: number[] = [];
    const timerAt = this.#timers.nextAt();
    if (timerAt !== undefined) times.push(timerAt);
    for (const attempt of this.#attempts) times.push(attempt.deadlineAt);
    const isInFlight = times.length > 0 || this.#calls.size > 0;
    if (isInFlight && this.#replay.gathered.length > 0) times.push(commitDueAt(this.#gathered()));
    if (!this.#isPausing && this.#replay.isLive) {
      const outsideAt = this.#nextOutsideAt();
      if (outsideAt !== undefined && (isInFlight || outsideAt <= now + HOLD_MS)) times.push(outsideAt);
    }
    const at = times.length === 0 ? undefined : Math.min(...times);
    if (at === this.#alarmAt) return;
    this.#alarmAt = at;
    this.#host.setAlarm(at);
  }

  // --- step calls of run() ---

  #callDo(name: string, config: StepConfig | undefined, callback: (context: unknown) => unknown): Promise<unknown> {
    return this.#call('do', name, config, (call) => {
      if (this.#replay.isOverStepLimit) {
        return new WorkflowFatalError(`The limit of ${this.#replay.limits.steps} steps has been reached.`);
      }
      this.#callbacks.set(call, callback);
      this.#begin.set(call, () => this.#beginDo(call));
      return undefined;
    });
  }

  #callSleep(name: string, until: { readonly ms: number } | { readonly at: number }): Promise<unknown> {
    return this.#call('sleep', name, undefined, (call) => {
      this.#begin.set(call, () => {
        if (this.#replay.state.stepOf(call.key) !== undefined) return;
        const at = this.#replay.stamp(this.#host.now());
        this.#propose({
          kind: 'sleep_started',
          step: call.key,
          ordinal: call.ordinal,
          at,
          until: 'ms' in until ? at + until.ms : until.at,
        });
      });
      return undefined;
    });
  }

  #callWait(name: string, eventType: string, timeoutMs: number): Promise<unknown> {
    return this.#call('waitForEvent', name, undefined, (call) => {
      this.#begin.set(call, () => {
        if (this.#replay.state.stepOf(call.key) !== undefined) return;
        const at = this.#replay.stamp(this.#host.now());
        this.#propose({
          kind: 'wait_started',
          step: call.key,
          ordinal: call.ordinal,
          at,
          eventType,
          timeoutMs,
          until: at + timeoutMs,
        });
      });
      return undefined;
    });
  }

  #call(
    kind: 'do' | 'sleep' | 'waitForEvent',
    name: string,
    config: StepConfig | undefined,
    prepare: (call: StepCall) => Error | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = this.#replay.call(kind, name, config, (settlement, value, event) => {
        this.#callbacks.delete(call);
        this.#begin.delete(call);
        this.#settleCall(settlement, value, event, resolve, reject);
      });
      const refusal = prepare(call) ?? (this.#replay.isFull ? this.#fullError() : undefined);
      if (refusal !== undefined) {
        this.#doom ??= refusal;
        return;
      }
      this.#replay.enlist(call);
    });
  }

  #fullError(): WorkflowFatalError {
    return new WorkflowFatalError(
      `The limit of ${this.#replay.limits.records} journal records has been reached: fewer steps, sleeps, waits and retries in one instance`,
    );
  }

  #settleCall(
    settlement: Settlement,
    value: string | undefined,
    event: BufferedEvent | undefined,
    resolve: (value: unknown) => void,
    reject: (error: Error) => void,
  ): void {
    switch (settlement.kind) {
      case 'step_settled':
        if (settlement.outcome.ok) resolve(value === undefined ? undefined : decode(value));
        else reject(this.#reviveRecorded(settlement.outcome.error));
        return;
      case 'sleep_completed':
        resolve(undefined);
        return;
      case 'event_consumed':
        resolve({
          ...(value === undefined ? { payload: undefined } : { payload: decode(value) }),
          timestamp: new Date(event?.acceptedAt ?? settlement.at),
          type: event?.eventType ?? '',
        });
        return;
      case 'wait_timed_out':
        reject(timeoutError(this.#replay.state.stepOf(settlement.step)?.timeoutMs ?? 0));
        return;
    }
  }

  #reviveRecorded(error: ErrorData): Error {
    const encoded = typeof error.encoded === 'string' ? (decode(error.encoded) as Record<string, unknown>) : undefined;
    return reviveError({ name: error.name, message: error.message, stack: error.stack, fields: encoded });
  }

  // --- attempts ---

  #beginDo(call: StepCall): void {
    const step = this.#replay.state.stepOf(call.key);
    if (step?.phase === 'settled' || step?.phase === 'retrying') return;
    if (step?.openAttempt !== undefined) {
      const { number, startedAt } = step.openAttempt;
      const cause = step.lostTo ?? 'executor_lost';
      this.#fail(call, { number, startedAt, config: step.config ?? DEFAULT_STEP_CONFIG }, lostError(cause, number));
      return;
    }
    this.#startAttempt(call, step);
  }

  #startAttempt(call: StepCall, step: StepState | undefined): void {
    const startedAt = this.#replay.stamp(this.#host.now());
    const config = (step === undefined ? call.config : step.config) ?? DEFAULT_STEP_CONFIG;
    const attempt: Attempt = {
      call,
      number: (step?.attempts ?? 0) + 1,
      config,
      startedAt,
      deadlineAt: this.#host.now() + config.timeoutMs,
      isStartRecorded: false,
      isOver: false,
      abort: () => {},
    };
    this.#attempts.add(attempt);
    const enter = () => {
      this.#entries.push({ owner: { kind: 'attempt', attempt }, enter: () => this.#enterCallback(attempt) });
    };
    if (!this.#start.isCautious) return enter();
    this.#recordStart(attempt);
    this.#awaitingCommit.push(enter);
  }

  #enterCallback(attempt: Attempt): void {
    const callback = this.#callbacks.get(attempt.call);
    if (callback === undefined || attempt.isOver) return;
    const context = contextOf(attempt);
    const settled = async () => callback(context);
    settled().then(
      (value) => this.#succeed(attempt, value),
      (error: unknown) => {
        if (!attempt.isOver) this.#endAttempt(attempt, error);
      },
    );
  }

  #succeed(attempt: Attempt, value: unknown): void {
    if (attempt.isOver) return;
    const { key } = attempt.call;
    let encoded: string;
    try {
      encoded = encode(value);
    } catch (error) {
      const why = text(() => (error as Error).message, 'it cannot be encoded');
      this.#endAttempt(
        attempt,
        new WorkflowFatalError(`Step "${key.name}" returned a value that cannot be stored: ${why}`),
        true,
      );
      return;
    }
    if (encoded.length > 1024 && jsonSize(value, MAX_VALUE_BYTES) > MAX_VALUE_BYTES) {
      const message = `Step "${key.name}-${key.count}" output is too large. Maximum allowed size is 1MiB.`;
      this.#endAttempt(attempt, new WorkflowFatalError(message), true);
      return;
    }
    this.#leave(attempt);
    this.#settleStep(attempt.call, attempt, { ok: true, value: encoded });
  }

  #endAttempt(attempt: Attempt, error: unknown, isFinal = false): void {
    this.#leave(attempt);
    this.#fail(attempt.call, attempt, error, isFinal);
  }

  #leave(attempt: Attempt): void {
    attempt.isOver = true;
    this.#attempts.delete(attempt);
    this.#timers.clearOf(attempt);
    this.#calls.dropOf(attempt);
  }

  #timeOut(attempt: Attempt): void {
    const error = timeoutError(attempt.config.timeoutMs);
    this.#endAttempt(attempt, error);
    this.#entries.push({ owner: { kind: 'attempt', attempt }, enter: () => attempt.abort(error) });
  }

  /** A failed try: another one later where config and error allow it, else the step's recorded failure. */
  #fail(
    call: StepCall,
    attempt: { readonly number: number; readonly startedAt: number; readonly config: StepConfig },
    thrown: unknown,
    isFinal = false,
  ): void {
    const error = this.#errorData(thrown);
    const isRetryable =
      !isFinal &&
      !(thrown instanceof NonRetryableError) &&
      error.name !== 'NonRetryableError' &&
      error.name !== 'WorkflowFatalError';
    if (!isRetryable || attempt.number > attempt.config.retries.limit || this.#replay.isFull) {
      this.#settleStep(call, attempt, { ok: false, error });
      return;
    }
    const at = this.#replay.stamp(this.#host.now());
    this.#propose({
      kind: 'attempt_failed',
      step: call.key,
      ordinal: call.ordinal,
      attempt: attempt.number,
      ...this.#configToPin(call),
      startedAt: attempt.startedAt,
      error,
      retryAt: at + retryDelayMs(attempt.config, attempt.number),
      at,
    });
  }

  #settleStep(
    call: StepCall,
    attempt: { readonly number: number; readonly startedAt: number },
    outcome: StepOutcome,
  ): void {
    this.#propose({
      kind: 'step_settled',
      step: call.key,
      ordinal: call.ordinal,
      attempt: attempt.number,
      ...this.#configToPin(call),
      startedAt: attempt.startedAt,
      outcome,
      at: this.#replay.stamp(this.#host.now()),
    });
  }

  #recordStart(attempt: Attempt): void {
    if (attempt.isStartRecorded) return;
    attempt.isStartRecorded = true;
    const { call } = attempt;
    this.#propose({
      kind: 'attempt_started',
      step: call.key,
      ordinal: call.ordinal,
      attempt: attempt.number,
      ...this.#configToPin(call),
      at: this.#replay.stamp(this.#host.now()),
    });
  }

  /** With the first record of a step; the defaults need no room. */
  #configToPin(call: StepCall): { readonly config?: StepConfig } {
    return call.config === undefined || this.#replay.state.stepOf(call.key) !== undefined
      ? {}
      : { config: call.config };
  }

  // --- events and the clock ---

  /** Pairs buffered events with waits and ends what is due, in the order of the moments at which each came about. */
  #takeFromOutside(now: number): boolean {
    const due: { readonly at: number; readonly ordinal: number; readonly act: () => void }[] = [];
    const taken = new Map<string, number>();
    let unsureAt = Number.POSITIVE_INFINITY;
    const open = this.#replay.openSteps().sort((a, b) => a.step.ordinal - b.step.ordinal);
    for (const { step, call } of open) {
      const { key, ordinal, until } = step;
      const record = (make: (at: number) => JournalRecord) => () =>
        this.#propose(make(this.#replay.stamp(this.#host.now())));
      if (step.phase === 'waiting') {
        const type = step.eventType;
        const index = taken.get(type) ?? 0;
        const event = this.#replay.state.buffered.get(type)?.[index];
        if (event !== undefined && event.acceptedAt <= until) {
          taken.set(type, index + 1);
          due.push({
            at: Math.max(event.acceptedAt, step.startedAt),
            ordinal,
            act: record((at) => ({ kind: 'event_consumed', step: key, ordinal, seq: event.seq, at })),
          });
        } else if (until <= now && until > this.#inboxKnownAt) {
          unsureAt = Math.min(unsureAt, until);
        } else if (until <= now) {
          due.push({ at: until, ordinal, act: record((at) => ({ kind: 'wait_timed_out', step: key, ordinal, at })) });
        }
      } else if (until <= now) {
        if (step.phase === 'sleeping')
          due.push({ at: until, ordinal, act: record((at) => ({ kind: 'sleep_completed', step: key, ordinal, at })) });
        else due.push({ at: until, ordinal, act: () => this.#retry(call, step) });
      }
    }
    if (unsureAt <= now) {
      // An event that was accepted in time counts, so what comes after that moment has to wait for the inbox.
      this.#isAsking = true;
      this.#inboxAskedAt = now;
      this.#host.post({ kind: 'need_inbox' });
    }
    const certain = due.filter(({ at }) => at < unsureAt).sort((a, b) => a.at - b.at || a.ordinal - b.ordinal);
    for (const { act } of certain) act();
    return certain.length > 0;
  }

  #retry(call: StepCall, step: StepState): void {
    this.#replay.state.open.delete(step);
    this.#startAttempt(call, step);
  }

  // --- the end ---

  #finish(outcome: RunOutcome): void {
    for (const attempt of this.#attempts) attempt.isOver = true;
    const at = this.#replay.stamp(this.#host.now());
    const last = this.#finalRecord(outcome, at);
    // From here on nothing is posted by itself: the last record goes with the last word.
    this.#isOver = true;
    this.#propose(last);
    this.#host.setAlarm(undefined);
    this.#host.post({ kind: 'finished', records: this.#take() });
  }

  #finalRecord(outcome: RunOutcome, at: number): JournalRecord {
    if (!outcome.ok) return { kind: 'errored', at, error: this.#errorData(outcome.error) };
    try {
      const output = encode(outcome.value);
      if (output.length > 1024 && jsonSize(outcome.value, MAX_VALUE_BYTES) > MAX_VALUE_BYTES) {
        throw new WorkflowFatalError('output is too large. Maximum allowed size is 1MiB.');
      }
      return { kind: 'completed', at, output };
    } catch (error) {
      const why = text(() => (error as Error).message, 'it cannot be encoded');
      return {
        kind: 'errored',
        at,
        error: { name: 'WorkflowFatalError', message: `run() returned a value that cannot be stored: ${why}` },
      };
    }
  }

  // --- records ---

  #propose(record: JournalRecord): void {
    if (this.#replay.gathered.length === 0) this.#gatheredSinceAt = this.#host.now();
    this.#gatheredBytes += roughSize(record);
    this.#replay.propose(record);
    if (isCommitDue(this.#gathered(), this.#host.now()) && this.#awaitingCommit.length === 0 && !this.#isOver) {
      this.#host.post({ kind: 'records', records: this.#take() });
    }
  }

  #gathered(): Gathered {
    return { records: this.#replay.gathered.length, bytes: this.#gatheredBytes, sinceAt: this.#gatheredSinceAt };
  }

  #take(): readonly JournalRecord[] {
    this.#gatheredBytes = 0;
    return this.#replay.takeGathered();
  }

  #errorData(thrown: unknown): ErrorData {
    if (!(thrown instanceof Error)) {
      const message = text(
        () => (typeof thrown === 'string' ? thrown : JSON.stringify(thrown)),
        'a value that is no error was thrown',
      );
      return { name: 'Error', message: clip(message) };
    }
    const name = clip(
      text(() => thrown.name, 'Error'),
      256,
    );
    const message = clip(text(() => thrown.message, ''));
    const stack = clip(text(() => thrown.stack, ''));
    const fields = fieldsOf(thrown);
    const encoded = Object.keys(fields).length === 0 ? undefined : encode(fields);
    return {
      name,
      message,
      ...(stack === '' ? {} : { stack: this.#host.mapStack(stack) }),
      ...(encoded === undefined || encoded.length > MAX_TEXT ? {} : { encoded }),
    };
  }

  #reportDivergence(found: { readonly expected: string; readonly got: string } | undefined): void {
    if (found === undefined) return;
    this.#propose({ kind: 'diverged', at: this.#replay.stamp(this.#host.now()), ...found });
    if (!this.#start.isStrict) return;
    this.#doom ??= new NonDeterminismError(
      `The code does not follow the journal of this instance: expected ${found.expected}, got ${found.got}`,
    );
  }

  #reportEffect(what: string): void {
    if (this.owner.kind !== 'run') return;
    if (!this.#replay.isEffectTold(what)) {
      this.#propose({ kind: 'unrecorded_effect', at: this.#replay.stamp(this.#host.now()), what });
    }
    if (!this.#start.isStrict) return;
    this.#doom ??= new NonDeterminismError(
      `${what} was called outside a step: its result is not recorded, so a replay may differ. Call it inside step.do`,
    );
  }

  #event(): object {
    const { payload, timestamp, instanceId, workflowName, schedule } = this.#start;
    return deepFreeze({
      payload: payload === null ? {} : decode(payload),
      timestamp: new Date(timestamp),
      instanceId,
      workflowName,
      ...(schedule === undefined
        ? {}
        : { schedule: { cron: schedule.cron, scheduledTime: new Date(schedule.scheduledAt) } }),
    });
  }
}

const clip = (value: string, limit = MAX_TEXT): string => (value.length > limit ? `${value.slice(0, limit)}…` : value);

/** Near enough to bound what is gathered; the exact size is known where it is written. */
const roughSize = (record: JournalRecord): number =>
  record.kind === 'step_settled' && record.outcome.ok && typeof record.outcome.value === 'string'
    ? 150 + record.outcome.value.length
    : 150;

const LOST: Readonly<Record<Termination, readonly [name: string, why: string]>> = {
  cpu_limit: ['CpuLimitExceededError', 'it used more CPU time than the limit'],
  memory_limit: ['MemoryLimitExceededError', 'it used more memory than the limit'],
  wall_limit: ['WorkflowInternalError', 'it did not answer'],
  executor_lost: ['WorkflowInternalError', 'its executor was lost'],
  protocol_violation: ['WorkflowInternalError', 'it sent what the platform does not accept'],
  bundle_failed: ['WorkflowInternalError', 'its bundle could not be loaded'],
};

const lostError = (cause: Termination, attempt: number): Error => {
  const [name, why] = LOST[cause];
  return reviveError({ name, message: `Attempt ${attempt} ended since ${why}` });
};

/** What a callback gets. Most never look at the signal, so it is made when they do. */
const contextOf = (attempt: Attempt): object => {
  let controller: AbortController | undefined;
  let reason: Error | undefined;
  attempt.abort = (error) => {
    reason = error;
    controller?.abort(error);
  };
  return {
    step: { name: attempt.call.key.name, count: attempt.call.key.count },
    attempt: attempt.number,
    config: shownConfig(attempt.config),
    get signal() {
      controller ??= new AbortController();
      if (reason !== undefined) controller.abort(reason);
      return controller.signal;
    },
  };
};

/** The config as the tenant wrote it, defaults filled in. */
const shownConfig = (config: StepConfig): object => ({
  retries: { limit: config.retries.limit, delay: config.retries.delayMs, backoff: config.retries.backoff },
  timeout: config.timeoutMs,
  ...(config.sensitive === undefined ? {} : { sensitive: config.sensitive }),
});

/** Read-only, as the contract says, for plain containers; typed arrays cannot be frozen and stay as they are. */
const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
};

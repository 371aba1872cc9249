import type { BindingCall, ErrorData, StepConfig, StoredStream } from '../core/records.ts';
import { DELAY_ANSWER_MS, MAX_VALUE_BYTES } from '../core/replay/budget.ts';
import { POLICY_REFUSED } from '../core/replay/policies.ts';
import type { Replay, StepCall } from '../core/replay/replay.ts';
import { DEFAULT_STEP_CONFIG, retryDelayMs } from '../core/replay/retries.ts';
import { type DoCall, readDefer, readDelay } from '../core/replay/step-call.ts';
import type { StepState } from '../core/replay/step-state.ts';
import { NonRetryableError } from '../sdk/workflows.ts';
import type { Attempt, Owner } from './attempt.ts';
import { attemptContext } from './attempt-context.ts';
import { AttemptRecords, type TriedAttempt } from './attempt-records.ts';
import { encodeBounded, TooLargeError } from './bounded-value.ts';
import { Deferred } from './deferred.ts';
import { errorDataOf, lostError, reviveRecorded } from './error-data.ts';
import { timeoutError, WorkflowFatalError } from './errors.ts';
import type { Gates } from './gates.ts';
import type { Recorder } from './recorder.ts';
import { isStream } from './stream-results.ts';
import type { TurnHost } from './turn-host.ts';
import { text } from './values.ts';

/** What the tenant's code has for a step. */
export type StepCode = Pick<DoCall, 'callback' | 'delay'>;

interface AttemptsParams {
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly host: TurnHost;
  /** What the tokens of this instance start with. */
  readonly tokenPrefix: string;
  /** Each attempt's start is committed before its callback runs. */
  readonly isCautious: boolean;
  /** The turn is over by then, epoch ms; `undefined`: never. */
  readonly endsAt: number | undefined;
  /** Longer than this no callback may be at work, whatever its timeout says; `undefined`: no bound. */
  readonly maxCallbackMs: number | undefined;
  readonly gates: Gates;
  readonly enter: (owner: Owner, entry: () => void) => void;
  /** Stores what the attempt gives as a stream. Rejects where that fails, or the stream does. */
  readonly writeStream: (attempt: Attempt, stream: ReadableStream) => Promise<StoredStream>;
  /** The attempt is over: its timers and calls are nobody's any more. */
  readonly onOver: (attempt: Attempt) => void;
}

type Tried = TriedAttempt & { readonly config: StepConfig };

const NOT_RETRIED: ReadonlySet<string> = new Set(['NonRetryableError', 'WorkflowFatalError', POLICY_REFUSED]);

/** The tries of step callbacks: begun, watched, and turned into records however they end. */
export class Attempts {
  readonly #params: AttemptsParams;
  readonly #records: AttemptRecords;
  readonly #code = new Map<StepCall, StepCode>();
  readonly #inFlight = new Set<Attempt>();
  /** Whose starts must be durable before their callbacks run: not sent yet, and sent, one list a commit. */
  #unsent: Attempt[] = [];
  readonly #committing: Attempt[][] = [];
  #hasPostponed = false;
  /** Their attempts have read from a stream of another step, which another try would find used. */
  readonly #spent = new Set<StepCall>();

  constructor(params: AttemptsParams) {
    this.#params = params;
    this.#records = new AttemptRecords(params);
  }

  get size(): number {
    return this.#inFlight.size;
  }

  /** Starts stand among the gathered records that a commit has to carry. */
  get needsCommit(): boolean {
    return this.#unsent.length > 0;
  }

  /** One was not started: the turn might have ended before it, or only a replay has what it needs. */
  get hasPostponed(): boolean {
    return this.#hasPostponed;
  }

  /** The earliest moment at which one has taken too long, epoch ms. */
  nextDeadlineAt(): number | undefined {
    let next: number | undefined;
    for (const { deadlineAt } of this.#inFlight) if (next === undefined || deadlineAt < next) next = deadlineAt;
    return next;
  }

  /** A step call as the code has it in this turn. */
  register(call: StepCall, code: StepCode): void {
    this.#code.set(call, code);
  }

  forget(call: StepCall): void {
    this.#code.delete(call);
  }

  /** The replay has caught up: the call's first try, or what became of one that an earlier turn left open. */
  begin(call: StepCall): void {
    const step = this.#params.replay.state.stepOf(call.key);
    if (step !== undefined && step.phase !== 'attempting') return;
    if (step?.openAttempt === undefined) return this.start(call, step);
    this.failOpen(call, step, lostError(step.lostTo ?? 'executor_lost', step.openAttempt.number));
  }

  /** An open attempt that no callback is at work for any more: lost, or deferred and ended from outside. */
  failOpen(call: StepCall, step: StepState, error: Error): void {
    const { number = step.attempts, startedAt = step.startedAt } = step.openAttempt ?? {};
    this.#fail(call, { number, startedAt, config: step.config ?? DEFAULT_STEP_CONFIG }, error);
  }

  /** The attempt reads from a stream of another step: a replay makes a fresh one, and the next try waits for that. */
  onStreamRead({ call }: Attempt): void {
    this.#spent.add(call);
  }

  /** A step that was open is due again. */
  retry(call: StepCall, step: StepState): void {
    this.#params.replay.state.open.delete(step);
    this.start(call, step);
  }

  start(call: StepCall, step: StepState | undefined): void {
    const { replay, host, recorder, gates, isCautious, endsAt, maxCallbackMs } = this.#params;
    if (gates.holds(call)) return;
    const now = host.now();
    const config = (step === undefined ? call.config : step.config) ?? DEFAULT_STEP_CONFIG;
    const callbackMs = Math.min(config.timeoutMs, maxCallbackMs ?? config.timeoutMs);
    const isTooLate = endsAt !== undefined && now + callbackMs > endsAt;
    if (isTooLate || this.#spent.has(call)) {
      this.#hasPostponed = true;
      return;
    }
    const attempt: Attempt = {
      call,
      number: (step?.attempts ?? 0) + 1,
      config,
      startedAt: replay.stamp(now),
      callbackMs,
      deadlineAt: now + callbackMs,
      openUntil: now + config.timeoutMs,
      isStartRecorded: false,
      isOver: false,
      abort: () => {},
      deferral: undefined,
      failure: undefined,
    };
    this.#inFlight.add(attempt);
    if (!isCautious) return this.#enter(attempt);
    this.#unsent.push(attempt);
    recorder.isHeldBack = true;
    this.recordStart(attempt);
  }

  /** A commit is on its way that carries every start recorded so far. */
  onCommitSent(): void {
    this.#committing.push(this.#unsent);
    this.#unsent = [];
    this.#params.recorder.isHeldBack = false;
  }

  /** The oldest commit on its way is durable. */
  onCommitted(): void {
    for (const attempt of this.#committing.shift() ?? []) this.#enter(attempt);
  }

  recordStart(attempt: Attempt): void {
    if (attempt.isStartRecorded) return;
    attempt.isStartRecorded = true;
    this.#records.started(attempt);
  }

  /**
   * The token by which the attempt's outcome may come from outside. Its record is durable before a call can tell it to
   * anybody (E2). `options`: as the callback says them.
   */
  defer(attempt: Attempt, options: unknown): Deferred {
    const { host, tokenPrefix } = this.#params;
    const { call, openUntil } = attempt;
    const { name } = call.key;
    if (attempt.isOver)
      throw new Error(`Step "${name}": defer() was refused, since the attempt that called it is over`);
    if (call.key.kind === 'rollback') {
      throw new WorkflowFatalError(`Step "${name}": a rollback handler has no deferred result`);
    }
    if (attempt.deferral !== undefined) {
      throw new WorkflowFatalError(`Step "${name}": an attempt has one deferred result. Use a step for each`);
    }
    const read = readDefer(name, options);
    if (!read.ok) throw new WorkflowFatalError(read.problem);
    const { timeoutMs } = read;
    const { token, hash } = host.makeToken(tokenPrefix);
    this.recordStart(attempt);
    this.#records.tokenMade(attempt, hash);
    const result = new Deferred(token);
    const until = timeoutMs === undefined ? openUntil : host.now() + timeoutMs;
    attempt.deferral = { result, until, timeoutMs };
    return result;
  }

  /** Gives the attempt up where what it is about to call has to be approved first: its callback runs anew after that. */
  holdBack(attempt: Attempt, call: BindingCall): boolean {
    // A `delay` that is asked has nothing to be run anew for.
    if (attempt.failure !== undefined || !this.#params.gates.holdsCall(attempt, call)) return false;
    this.#leave(attempt);
    const why = new Error(`${call.binding}.${call.method} waits for an approval: the step runs anew when it is given`);
    this.#params.enter({ kind: 'attempt', attempt }, () => attempt.abort(why));
    return true;
  }

  /** Fails what has taken too long; its late result is ignored and its late calls are refused. */
  timeOut(now: number): void {
    for (const attempt of this.#inFlight) {
      if (attempt.deadlineAt > now) continue;
      if (attempt.failure !== undefined) {
        this.#giveUp(attempt, `retries.delay did not answer within ${DELAY_ANSWER_MS / 1_000} seconds`);
        continue;
      }
      const error = timeoutError(attempt.callbackMs);
      this.#end(attempt, error);
      this.#params.enter({ kind: 'attempt', attempt }, () => attempt.abort(error));
    }
  }

  /** The instance fails: what is at work has started, so that its handler will be called. */
  recordStarts(): void {
    for (const attempt of this.#inFlight) {
      if (attempt.config.rollback !== undefined && attempt.failure === undefined) this.recordStart(attempt);
    }
  }

  /** The turn ends: whatever is still at work is ignored. */
  drop(): void {
    for (const attempt of this.#inFlight) attempt.isOver = true;
  }

  #enter(attempt: Attempt): void {
    this.#params.enter({ kind: 'attempt', attempt }, () => {
      const code = this.#code.get(attempt.call);
      if (code === undefined || attempt.isOver) return;
      const context = attemptContext(attempt, (options) => this.defer(attempt, options));
      const settled = async () => code.callback(context);
      settled().then(
        (value) => this.#succeed(attempt, value),
        (error: unknown) => {
          if (!attempt.isOver) this.#end(attempt, error);
        },
      );
    });
  }

  #succeed(attempt: Attempt, value: unknown): void {
    if (attempt.isOver) return;
    if (value instanceof Deferred) return this.#leaveOpen(attempt, value);
    if (isStream(value)) return this.#succeedWithStream(attempt, value);
    const { name, count } = attempt.call.key;
    try {
      const encoded = encodeBounded(value, MAX_VALUE_BYTES);
      if (!this.#params.replay.hasRoomFor(encoded)) {
        return this.#end(
          attempt,
          new WorkflowFatalError(
            `Step "${name}-${count}" output is too large. An instance stores at most 1GiB in all.`,
          ),
        );
      }
      this.#leave(attempt);
      this.#records.settled(attempt.call, attempt, { ok: true, value: encoded });
    } catch (error) {
      const message =
        error instanceof TooLargeError
          ? `Step "${name}-${count}" output is too large. Maximum allowed size is 1MiB.`
          : `Step "${name}" returned a value that cannot be stored: ${text(() => (error as Error).message, 'it cannot be encoded')}`;
      this.#end(attempt, new WorkflowFatalError(message));
    }
  }

  /** The attempt lasts until its stream has been stored. */
  #succeedWithStream(attempt: Attempt, stream: ReadableStream): void {
    this.#params.writeStream(attempt, stream).then(
      (value) => {
        if (attempt.isOver) return;
        this.#leave(attempt);
        this.#records.settled(attempt.call, attempt, { ok: true, value });
      },
      (error: unknown) => {
        if (!attempt.isOver) this.#end(attempt, error);
      },
    );
  }

  /** The callback is done, and the outcome comes from outside: from here on the journal alone holds the attempt. */
  #leaveOpen(attempt: Attempt, deferred: Deferred): void {
    const { call, deferral } = attempt;
    if (deferred !== deferral?.result) {
      const message = `Step "${call.key.name}" returned a deferred result that another attempt has made`;
      return this.#end(attempt, new WorkflowFatalError(message));
    }
    const { until, timeoutMs } = deferral;
    this.#leave(attempt);
    this.#records.deferred(attempt, { until, timeoutMs });
  }

  #end(attempt: Attempt, thrown: unknown): void {
    this.#leave(attempt);
    this.#fail(attempt.call, attempt, thrown);
  }

  #leave(attempt: Attempt): void {
    attempt.isOver = true;
    this.#inFlight.delete(attempt);
    this.#params.onOver(attempt);
  }

  /** A failed try: another one later where config and error allow it, else the step's recorded failure. */
  #fail(call: StepCall, tried: Tried, thrown: unknown): void {
    const { host, replay } = this.#params;
    const error = errorDataOf(thrown, host.mapStack);
    const isFinal = thrown instanceof NonRetryableError || NOT_RETRIED.has(error.name);
    if (isFinal || tried.number > tried.config.retries.limit || replay.isFull) {
      return this.#records.settled(call, tried, { ok: false, error });
    }
    if (tried.config.retries.delayMs === null) return this.#askDelay(call, tried, thrown, error);
    this.#records.failed(call, tried, error, retryDelayMs(tried.config, tried.number));
  }

  /** Its answer is recorded with the failure: no replay asks again. */
  #askDelay(call: StepCall, { number, startedAt, config }: Tried, thrown: unknown, failure: ErrorData): void {
    const { replay, host, enter } = this.#params;
    const now = host.now();
    const attempt: Attempt = {
      call,
      number,
      config,
      startedAt,
      deadlineAt: now + DELAY_ANSWER_MS,
      callbackMs: DELAY_ANSWER_MS,
      openUntil: now,
      isStartRecorded: replay.state.stepOf(call.key)?.openAttempt?.number === number,
      isOver: false,
      abort: () => {},
      deferral: undefined,
      failure,
    };
    this.#inFlight.add(attempt);
    enter({ kind: 'attempt', attempt }, () => {
      const ctx = attemptContext(attempt, (options) => this.defer(attempt, options));
      const error = thrown instanceof Error ? thrown : reviveRecorded(failure);
      const asked = async () => this.#code.get(call)?.delay?.({ ctx, error });
      asked().then(
        (answer) => this.#retryAfter(attempt, answer),
        (problem: unknown) => {
          const why = text(() => (problem as Error).message, 'something that is no error');
          if (!attempt.isOver) this.#giveUp(attempt, `retries.delay threw: ${why}`);
        },
      );
    });
  }

  #retryAfter(attempt: Attempt, answer: unknown): void {
    const { call, failure, isOver } = attempt;
    if (isOver || failure === undefined) return;
    const read = readDelay(call.key.name, answer);
    if (!read.ok) return this.#settleFatally(attempt, read.problem);
    this.#leave(attempt);
    this.#records.failed(call, attempt, failure, read.ms);
  }

  #giveUp(attempt: Attempt, what: string): void {
    this.#settleFatally(attempt, `Step "${attempt.call.key.name}": ${what}`);
  }

  #settleFatally(attempt: Attempt, message: string): void {
    this.#leave(attempt);
    const error = errorDataOf(new WorkflowFatalError(message), this.#params.host.mapStack);
    this.#records.settled(attempt.call, attempt, { ok: false, error });
  }
}

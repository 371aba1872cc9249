import type {
  ErrorData,
  JournalRecord,
  LogLevel,
  RollbackOutcome,
  StepConfig,
  StepKey,
  StoredValue,
} from './records.ts';
import { stepKeyText } from './records.ts';
import { JournalState } from './replay/journal-state.ts';
import { DEFAULT_STEP_CONFIG } from './step-config.ts';

export const INSTANCE_EVENT_TYPES = [
  'workflow_queued',
  'workflow_started',
  'workflow_running',
  'workflow_paused',
  'workflow_waiting_for_pause',
  'workflow_waiting',
  'workflow_completed',
  'workflow_errored',
  'workflow_terminated',
  'step_started',
  'step_completed',
  'step_errored',
  'attempt_started',
  'attempt_completed',
  'attempt_errored',
  'sleep_started',
  'sleep_completed',
  'wait_started',
  'wait_completed',
  'wait_timed_out',
  'approval_requested',
  'approval_received',
  'rollback_started',
  'rollback_step_started',
  'rollback_step_completed',
  'rollback_step_errored',
  'rollback_attempt_started',
  'rollback_attempt_completed',
  'rollback_attempt_errored',
  'rollback_completed',
  'rollback_errored',
  'replay_diverged',
  'log',
] as const;

export type InstanceEventType = (typeof INSTANCE_EVENT_TYPES)[number];

/** What a subscription tells of an instance, values still as they are stored. */
export interface InstanceEvent {
  /** From 1, one more with each event of this life of the instance. */
  readonly eventId: number;
  readonly type: InstanceEventType;
  /** Epoch ms. */
  readonly at: number;
  readonly step?: { readonly name: string; readonly count: number };
  readonly attempt?: number;
  readonly config?: StepConfig;
  /** Of a step or of the instance. */
  readonly output?: StoredValue;
  readonly isSensitive?: boolean;
  readonly error?: ErrorData;
  readonly retryDelayMs?: number;
  readonly durationMs?: number;
  readonly eventType?: string;
  readonly expected?: string;
  readonly got?: string;
  readonly approval?: string;
  readonly policy?: string;
  readonly call?: string;
  readonly approved?: boolean;
  readonly reason?: string;
  readonly by?: string;
  /** Of a line that tenant code has said. */
  readonly level?: LogLevel;
  readonly message?: string;
}

type Parts = Omit<InstanceEvent, 'eventId' | 'type' | 'at'>;

/** Records by which nothing of the instance moves: they come in beside it. */
const BESIDE: ReadonlySet<JournalRecord['kind']> = new Set([
  'event_received',
  'completion_received',
  'verdict_received',
  'inbox_gap_closed',
  'moved',
  'logged',
]);
/** What `run()` begins by itself: whoever does was not waiting. */
const BEGINS: ReadonlySet<JournalRecord['kind']> = new Set(['sleep_started', 'wait_started', 'unrecorded_effect']);

/**
 * Events of one life, folded from its journal. An event depends on its record and those before it alone, so that a longer journal only
 * adds: their numbers are good as cursors. Statuses that no record tells are told where the journal shows them: an instance
 * that went on after it could only have waited has waited.
 */
export class InstanceEvents {
  readonly #state = new JournalState();
  readonly #events: InstanceEvent[] = [];
  readonly #atWork = new Set<string>();
  #lastId = 0;
  #isWaitingTold = false;

  constructor({ createdAt }: { readonly createdAt: number }) {
    this.#tell('workflow_queued', createdAt);
  }

  /** Records that have been folded. */
  get position(): number {
    return this.#state.position;
  }

  /** The instance has ended, and all of its events have been told. */
  get isOver(): boolean {
    return this.#state.final !== undefined;
  }

  add(records: readonly JournalRecord[]): void {
    for (const record of records) this.#add(record);
  }

  /** No turn is at work on it: where it waits, that is told before anything moves again. */
  rest(): void {
    if (this.#mayWait) this.#tellWaiting(this.#state.lastAt);
  }

  /** What has been told since. */
  take(): readonly InstanceEvent[] {
    return this.#events.splice(0);
  }

  #add(record: JournalRecord): void {
    const begins = BEGINS.has(record.kind) || this.#isFirstOfStep(record);
    if (!begins && this.#mayWait) this.#tellWaiting(this.#state.lastAt);
    if (this.#isWaitingTold && !BESIDE.has(record.kind)) {
      this.#isWaitingTold = false;
      if (this.#goesOnBy(record)) this.#tell('workflow_running', record.at);
    }
    this.#follow(record);
    this.#state.apply(record);
  }

  get #mayWait(): boolean {
    const { final, isPaused, pauseRequestedAt, rollback, open } = this.#state;
    const isFree = final === undefined && !isPaused && pauseRequestedAt === undefined && rollback === undefined;
    return isFree && !this.#isWaitingTold && open.size > 0 && this.#atWork.size === 0;
  }

  #isFirstOfStep(record: JournalRecord): boolean {
    return 'step' in record && this.#state.stepOf(record.step) === undefined;
  }

  #goesOnBy({ kind }: JournalRecord): boolean {
    return kind !== 'pause_requested' && kind !== 'terminated' && kind !== 'rollback_started' && kind !== 'turn_failed';
  }

  #tellWaiting(at: number): void {
    this.#isWaitingTold = true;
    this.#tell('workflow_waiting', at);
  }

  #tell(type: InstanceEventType, at: number, parts: Parts = {}): void {
    this.#lastId += 1;
    this.#events.push({ eventId: this.#lastId, type, at, ...parts });
  }

  #follow(record: JournalRecord): void {
    const { at } = record;
    switch (record.kind) {
      case 'started':
        this.#tell('workflow_started', at);
        this.#tell('workflow_running', at);
        return;
      case 'attempt_started':
        this.#begin(record, at);
        this.#atWork.add(stepKeyText(record.step));
        return;
      case 'attempt_failed': {
        const { error, retryAt } = record;
        this.#begin(record, record.startedAt);
        this.#atWork.delete(stepKeyText(record.step));
        this.#tellOf(record, 'attempt_errored', { attempt: record.attempt, error, retryDelayMs: retryAt - at });
        return;
      }
      case 'step_settled': {
        const { outcome, attempt } = record;
        this.#begin(record, record.startedAt);
        this.#atWork.delete(stepKeyText(record.step));
        if (outcome.ok) this.#complete(record, attempt, outcome.value);
        else {
          this.#tellOf(record, 'attempt_errored', { attempt, error: outcome.error });
          this.#tellOf(record, 'step_errored', { error: outcome.error });
        }
        return;
      }
      case 'attempt_deferred':
        this.#atWork.delete(stepKeyText(record.step));
        return;
      case 'completion_consumed': {
        const completion = this.#state.stepOf(record.step)?.openAttempt?.completion;
        this.#complete(record, record.attempt, completion?.outcome.ok === true ? completion.outcome.value : undefined);
        return;
      }
      case 'sleep_started':
        this.#tellOf(record, 'sleep_started', { durationMs: Math.max(0, record.until - at) });
        return;
      case 'sleep_completed':
      case 'wait_timed_out':
        this.#tellOf(record, record.kind);
        return;
      case 'wait_started':
        this.#tellOf(record, 'wait_started', { eventType: record.eventType });
        return;
      case 'event_consumed':
        this.#tellOf(record, 'wait_completed');
        return;
      case 'approval_asked': {
        const { approval, policy, call } = record;
        this.#beginStep(record, at);
        this.#atWork.delete(stepKeyText(record.step));
        this.#tellOf(record, 'approval_requested', {
          approval,
          policy,
          ...(call !== undefined && { call: `${call.binding}.${call.method}` }),
        });
        return;
      }
      case 'verdict_received': {
        const { approval, approved, reason, by, acceptedAt } = record;
        const parts = { approval, approved, ...(reason !== undefined && { reason }), ...(by !== undefined && { by }) };
        this.#tellOf(record, 'approval_received', parts, acceptedAt);
        return;
      }
      case 'step_refused':
        this.#beginStep(record, at);
        this.#tellOf(record, 'step_errored', { error: record.error });
        return;
      case 'turn_failed':
        this.#atWork.clear();
        return;
      case 'pause_requested':
        this.#tell('workflow_waiting_for_pause', record.requestedAt);
        return;
      case 'paused':
        this.#tell('workflow_paused', at);
        return;
      case 'resumed':
        this.#tell('workflow_running', record.resumedAt);
        return;
      case 'diverged':
        this.#tell('replay_diverged', at, { expected: record.expected, got: record.got });
        return;
      case 'rollback_started':
        this.#atWork.clear();
        this.#tell('rollback_started', at);
        return;
      case 'logged':
        for (const { at: saidAt, ...line } of record.lines) this.#tell('log', saidAt, line);
        return;
      case 'completed':
        this.#tell('workflow_completed', at, { output: record.output });
        return;
      case 'errored':
        this.#tellRolledBack(record.rollback, at);
        this.#tell('workflow_errored', at, { error: record.error });
        return;
      case 'terminated':
        this.#tellRolledBack(record.rollback, at);
        this.#tell('workflow_terminated', at);
        return;
      case 'token_made':
      case 'completion_received':
      case 'event_received':
      case 'inbox_gap_closed':
      case 'unrecorded_effect':
      case 'moved':
        return;
    }
  }

  /** A step, and an attempt, that no record has told of before. */
  #begin(record: StepRecord & { readonly attempt: number; readonly config?: StepConfig }, at: number): void {
    this.#beginStep(record, at);
    if (this.#state.stepOf(record.step)?.openAttempt?.number !== record.attempt) {
      this.#tellOf(record, 'attempt_started', { attempt: record.attempt }, at);
    }
  }

  #beginStep(record: StepRecord & { readonly config?: StepConfig }, at: number): void {
    if (this.#state.stepOf(record.step) !== undefined) return;
    this.#tellOf(record, 'step_started', { config: this.#configOf(record) }, at);
  }

  #complete(record: StepRecord, attempt: number, output: StoredValue | undefined): void {
    const { sensitive } = this.#configOf(record);
    this.#tellOf(record, 'attempt_completed', { attempt });
    this.#tellOf(record, 'step_completed', {
      ...(output !== undefined && record.step.kind !== 'rollback' && { output }),
      ...(sensitive !== undefined && { isSensitive: true }),
    });
  }

  #configOf({ step, config }: { readonly step: StepKey; readonly config?: StepConfig }): StepConfig {
    const pinned = step.kind === 'rollback' ? this.#state.stepOf({ ...step, kind: 'do' })?.config?.rollback : undefined;
    return pinned ?? this.#state.stepOf(step)?.config ?? config ?? DEFAULT_STEP_CONFIG;
  }

  #tellOf(record: StepRecord, type: OfStep, parts: Parts = {}, at: number = record.at): void {
    const { kind, name, count } = record.step;
    const shown = kind === 'rollback' ? (UNDOING[type] ?? type) : type;
    this.#tell(shown, at, { step: { name, count }, ...parts });
  }

  #tellRolledBack(rollback: RollbackOutcome | undefined, at: number): void {
    if (rollback === undefined) return;
    if (rollback.outcome === 'complete') this.#tell('rollback_completed', at);
    else this.#tell('rollback_errored', at, { error: rollback.error });
  }
}

interface StepRecord {
  readonly step: StepKey;
  readonly at: number;
}

type OfAttempts =
  | 'step_started'
  | 'step_completed'
  | 'step_errored'
  | 'attempt_started'
  | 'attempt_completed'
  | 'attempt_errored';

type OfStep =
  | OfAttempts
  | 'sleep_started'
  | 'sleep_completed'
  | 'wait_started'
  | 'wait_completed'
  | 'wait_timed_out'
  | 'approval_requested'
  | 'approval_received';

/** Handlers have attempts, and neither sleep nor wait; what is asked about them has the same name. */
const UNDOING: Readonly<Partial<Record<OfStep, InstanceEventType>>> = {
  step_started: 'rollback_step_started',
  step_completed: 'rollback_step_completed',
  step_errored: 'rollback_step_errored',
  attempt_started: 'rollback_attempt_started',
  attempt_completed: 'rollback_attempt_completed',
  attempt_errored: 'rollback_attempt_errored',
};

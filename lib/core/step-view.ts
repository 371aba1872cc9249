import type { BindingCall, ErrorData, JournalRecord, RecordOf, StepConfig, StepKey, StoredValue } from './records.ts';
import { stepKeyText } from './records.ts';
import { DEFAULT_STEP_CONFIG } from './step-config.ts';

export interface AttemptView {
  readonly number: number;
  /** Epoch ms, as all times here. */
  readonly startedAt: number;
  endedAt?: number;
  error?: ErrorData;
}

/** An approval that a policy has asked for. */
export interface ApprovalView {
  /** As an operator names it to answer. */
  readonly id: string;
  readonly policy: string;
  /** What is about to be called; absent: the step is about to begin. */
  readonly call?: BindingCall;
  readonly askedAt: number;
  until: number;
  /** `expired`: nobody has answered in time. */
  status: 'pending' | 'approved' | 'refused' | 'expired';
  decidedAt?: number;
  reason?: string;
  by?: string;
}

/** A step as people look at it. */
export interface StepView {
  readonly type: 'step' | 'sleep' | 'waitForEvent' | 'rollback';
  readonly name: string;
  readonly count: number;
  readonly ordinal: number;
  status: 'running' | 'waiting' | 'completed' | 'errored' | 'timedOut';
  readonly startedAt: number;
  endedAt?: number;
  output?: StoredValue;
  error?: ErrorData;
  readonly config?: StepConfig;
  readonly eventType?: string;
  until?: number;
  readonly attempts: AttemptView[];
  approvals?: ApprovalView[];
}

const TYPES = { do: 'step', sleep: 'sleep', waitForEvent: 'waitForEvent', rollback: 'rollback' } as const;

/** What stands in place of a sensitive output, in encoded form. */
const REDACTED = '["[REDACTED]"]';

/** The steps of a journal, in the order in which they started. */
export const stepViews = (records: readonly JournalRecord[]): readonly StepView[] => {
  const views = new Map<string, StepView>();
  /** Payloads of events and results of deferred attempts, by number. */
  const received = new Map<number, StoredValue | undefined>();
  let pausedAt: number | undefined;

  const configOf = ({ step, config }: { readonly step: StepKey; readonly config?: StepConfig }) => {
    if (step.kind === 'do') return { config: config ?? DEFAULT_STEP_CONFIG };
    if (step.kind !== 'rollback') return {};
    return { config: views.get(stepKeyText({ ...step, kind: 'do' }))?.config?.rollback ?? DEFAULT_STEP_CONFIG };
  };
  const viewOf = (
    record: { readonly step: StepKey; readonly ordinal: number; readonly config?: StepConfig },
    startedAt: number,
    more: Partial<StepView> = {},
  ): StepView => {
    const key = stepKeyText(record.step);
    const known = views.get(key);
    if (known !== undefined) return known;
    const view: StepView = {
      type: TYPES[record.step.kind],
      name: record.step.name,
      count: record.step.count,
      ordinal: record.ordinal,
      status: record.step.kind === 'sleep' || record.step.kind === 'waitForEvent' ? 'waiting' : 'running',
      startedAt,
      attempts: [],
      ...configOf(record),
      ...more,
    };
    views.set(key, view);
    return view;
  };
  const attemptOf = (view: StepView, number: number, startedAt: number): AttemptView => {
    const last = view.attempts.at(-1);
    if (last?.number === number) return last;
    const attempt: AttemptView = { number, startedAt };
    view.attempts.push(attempt);
    return attempt;
  };

  for (const record of records) {
    switch (record.kind) {
      case 'attempt_started': {
        const view = viewOf(record, record.at);
        view.status = 'running';
        delete view.until;
        attemptOf(view, record.attempt, record.at);
        break;
      }
      case 'attempt_failed': {
        const view = viewOf(record, record.startedAt);
        Object.assign(attemptOf(view, record.attempt, record.startedAt), { endedAt: record.at, error: record.error });
        view.status = 'waiting';
        view.until = record.retryAt;
        break;
      }
      case 'step_settled': {
        const view = viewOf(record, record.startedAt);
        const attempt = attemptOf(view, record.attempt, record.startedAt);
        attempt.endedAt = record.at;
        view.endedAt = record.at;
        delete view.until;
        if (record.outcome.ok) {
          view.status = 'completed';
          view.output = view.config?.sensitive === 'output' ? REDACTED : record.outcome.value;
        } else {
          view.status = 'errored';
          view.error = record.outcome.error;
          attempt.error = record.outcome.error;
        }
        break;
      }
      case 'attempt_deferred':
        Object.assign(viewOf(record, record.at), { status: 'waiting', until: record.until });
        break;
      case 'completion_received':
        received.set(record.seq, record.outcome.ok ? record.outcome.value : undefined);
        break;
      case 'completion_consumed': {
        const view = viewOf(record, record.at);
        attemptOf(view, record.attempt, record.at).endedAt = record.at;
        delete view.until;
        complete(view, record.at, view.config?.sensitive === 'output' ? REDACTED : received.get(record.seq));
        break;
      }
      case 'sleep_started':
        viewOf(record, record.at, { until: record.until });
        break;
      case 'wait_started':
        viewOf(record, record.at, { until: record.until, eventType: record.eventType });
        break;
      case 'sleep_completed':
        Object.assign(viewOf(record, record.at), { status: 'completed', endedAt: record.at });
        break;
      case 'event_received':
        received.set(record.seq, record.payload);
        break;
      case 'event_consumed':
        complete(viewOf(record, record.at), record.at, received.get(record.seq));
        break;
      case 'wait_timed_out':
        Object.assign(viewOf(record, record.at), { status: 'timedOut', endedAt: record.at });
        break;
      case 'approval_asked': {
        const view = viewOf(record, record.at);
        // What made the call is given up, and does not count.
        if (view.attempts.at(-1)?.endedAt === undefined) view.attempts.pop();
        Object.assign(view, { status: 'waiting', until: record.until });
        view.approvals = [...(view.approvals ?? []), approvalView(record)];
        break;
      }
      case 'verdict_received': {
        const { approved, reason, by, acceptedAt } = record;
        Object.assign(views.get(stepKeyText(record.step))?.approvals?.at(-1) ?? {}, {
          status: approved ? 'approved' : 'refused',
          decidedAt: acceptedAt,
          ...(reason === undefined ? {} : { reason }),
          ...(by === undefined ? {} : { by }),
        });
        break;
      }
      case 'step_refused': {
        const view = viewOf(record, record.at);
        const last = view.approvals?.at(-1);
        // One that came too late is there, and did not count.
        if (last !== undefined && last.policy === record.policy && last.status !== 'refused') last.status = 'expired';
        Object.assign(view, { status: 'errored', endedAt: record.at, error: record.error });
        delete view.until;
        break;
      }
      case 'turn_failed':
        closeLost(views.values(), record);
        break;
      case 'pause_requested':
        pausedAt ??= record.requestedAt;
        break;
      case 'resumed':
        if (pausedAt !== undefined) shift(views.values(), record.resumedAt - pausedAt);
        pausedAt = undefined;
        break;
      default:
        break;
    }
  }
  return [...views.values()].sort(inOrder);
};

const approvalView = ({ approval, policy, call, at, until }: RecordOf<'approval_asked'>): ApprovalView => ({
  id: approval,
  policy,
  ...(call === undefined ? {} : { call: { binding: call.binding, method: call.method } }),
  askedAt: at,
  until,
  status: 'pending',
});

/** Handlers after all steps, and from the last step back. */
const inOrder = (a: StepView, b: StepView): number => {
  const [isAfter, isAfterOther] = [a.type === 'rollback', b.type === 'rollback'];
  if (isAfter !== isAfterOther) return isAfter ? 1 : -1;
  return isAfter ? b.ordinal - a.ordinal : a.ordinal - b.ordinal;
};

const complete = (view: StepView, endedAt: number, output: StoredValue | undefined): void => {
  Object.assign(view, { status: 'completed', endedAt, ...(output === undefined ? {} : { output }) });
};

const closeLost = (
  views: Iterable<StepView>,
  { at, isCounted }: { readonly at: number; readonly isCounted: boolean },
): void => {
  for (const view of views) {
    const last = view.attempts.at(-1);
    if (view.status !== 'running' || last === undefined || last.endedAt !== undefined) continue;
    if (isCounted) last.endedAt = at;
    else view.attempts.pop();
  }
};

const shift = (views: Iterable<StepView>, ms: number): void => {
  for (const view of views) {
    if (view.status !== 'waiting' || view.until === undefined) continue;
    view.until += Math.max(0, ms);
    const asked = view.approvals?.at(-1);
    if (asked?.status === 'pending') asked.until = view.until;
  }
};

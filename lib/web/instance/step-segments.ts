import type { Step } from '../../client/operations.ts';
import { lengthText } from '../../client/wording.ts';

/** `attempt`: a callback at work; the others are times in which the step waits. */
export type SegmentKind = 'attempt' | 'backoff' | 'deferred' | 'approval' | 'sleep' | 'wait';

/** A stretch of a step's time, epoch ms. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly startAt: number;
  readonly endAt: number;
  readonly state: 'ok' | 'failed' | 'open';
  /** What it is, in words. */
  readonly title: string;
}

/** A step's stretches in order. `endAt`: where what is still open ends, now or the end of the instance. */
export const segmentsOf = (step: Step, endAt: number): readonly Segment[] => {
  if (step.type === 'sleep' || step.type === 'waitForEvent') return [restOf(step, endAt)];
  return [...approvalsOf(step, endAt), ...attemptsOf(step, endAt)].sort((a, b) => a.startAt - b.startAt);
};

const between = (startAt: number, endAt: number) => ({ startAt, endAt: Math.max(startAt, endAt) });

const restOf = (step: Step, openEndAt: number): Segment => {
  const stretch = between(Date.parse(step.startedAt), endOf(step.endedAt, openEndAt));
  const lasted = lengthText(stretch.endAt - stretch.startAt);
  const isOpen = step.endedAt === undefined;
  if (step.type === 'sleep') {
    return {
      ...stretch,
      kind: 'sleep',
      state: isOpen ? 'open' : 'ok',
      title: `${isOpen ? 'asleep for' : 'slept'} ${lasted}`,
    };
  }
  const event = step.eventType === undefined ? 'an event' : `“${step.eventType}”`;
  if (step.status === 'timedOut') {
    return { ...stretch, kind: 'wait', state: 'failed', title: `${event} did not come within ${lasted}` };
  }
  const title = isOpen ? `waiting for ${event} for ${lasted}` : `${event} came after ${lasted}`;
  return { ...stretch, kind: 'wait', state: isOpen ? 'open' : 'ok', title };
};

const endOf = (endedAt: string | undefined, openEndAt: number): number =>
  endedAt === undefined ? openEndAt : Date.parse(endedAt);

const approvalsOf = (step: Step, openEndAt: number): readonly Segment[] =>
  (step.approvals ?? []).map(({ policy, status, askedAt, decidedAt, until }) => {
    const over = status === 'expired' ? until : decidedAt;
    const stretch = between(Date.parse(askedAt), Math.min(openEndAt, endOf(over, openEndAt)));
    const state = status === 'pending' ? 'open' : status === 'approved' ? 'ok' : 'failed';
    const lasted = lengthText(stretch.endAt - stretch.startAt);
    const title =
      status === 'pending' ? `held back by ${policy} for ${lasted}` : `${status} (${policy}) after ${lasted}`;
    return { ...stretch, kind: 'approval', state, title };
  });

const attemptsOf = (step: Step, openEndAt: number): readonly Segment[] => {
  const segments: Segment[] = [];
  for (const [at, { number, startedAt, endedAt, error }] of step.attempts.entries()) {
    const stretch = between(Date.parse(startedAt), endOf(endedAt, openEndAt));
    const lasted = lengthText(stretch.endAt - stretch.startAt);
    const isDeferred = endedAt === undefined && step.status === 'waiting';
    segments.push({
      ...stretch,
      kind: isDeferred ? 'deferred' : 'attempt',
      state: endedAt === undefined ? 'open' : error === undefined ? 'ok' : 'failed',
      title: attemptTitle({ number, lasted, isDeferred, isOpen: endedAt === undefined, failedBy: error?.name }),
    });
    if (endedAt === undefined) continue;
    const next = step.attempts[at + 1];
    const isWaiting = next === undefined && step.status === 'waiting' && error !== undefined;
    if (next === undefined && !isWaiting) continue;
    const pause = between(stretch.endAt, endOf(next?.startedAt, openEndAt));
    if (pause.endAt === pause.startAt) continue;
    const state = isWaiting ? 'open' : 'ok';
    segments.push({ ...pause, kind: 'backoff', state, title: `waited ${lengthText(pause.endAt - pause.startAt)}` });
  }
  return segments;
};

const attemptTitle = (attempt: {
  readonly number: number;
  readonly lasted: string;
  readonly isDeferred: boolean;
  readonly isOpen: boolean;
  readonly failedBy: string | undefined;
}): string => {
  const name = `attempt ${attempt.number}`;
  if (attempt.isDeferred) return `${name} waits for its result from outside for ${attempt.lasted}`;
  if (attempt.isOpen) return `${name} has run for ${attempt.lasted}`;
  if (attempt.failedBy !== undefined) return `${name} failed after ${attempt.lasted} with ${attempt.failedBy}`;
  return `${name} took ${attempt.lasted}`;
};

import type { Instance, Status, Step, WaitingFor } from '../../client/operations.ts';
import { lengthText } from '../../client/wording.ts';
import { instantText } from '../text/instant-text.ts';

/** What an instance does at present. `lead` is one sentence; `others` tell what it waits for beside that. */
export interface Explanation {
  readonly lead: string;
  readonly others: readonly string[];
}

type Explained = Pick<Instance, 'status' | 'waitingFor' | 'createdAt' | 'startedAt' | 'endedAt' | 'error' | 'rollback'>;

/**
 * Why an instance is where it is, and until when.
 * @param steps those that are known: they tell what runs, and by which policy a step is held back
 * @param now epoch ms
 */
export const explain = (instance: Explained, steps: readonly Step[], now: number): Explanation => {
  const { status } = instance;
  switch (status) {
    case 'queued':
      return only(
        instance.startedAt === undefined
          ? 'Queued: it begins as soon as a slot is free for it.'
          : 'Queued for a slot: as many instances as the workflow and the tenant may run at once are at work. It goes on by itself.',
      );
    case 'running':
      return only(running(steps));
    case 'waiting':
      return waiting(instance.waitingFor, steps, now);
    case 'paused':
      return only(
        'Paused: nothing starts, and the time of its sleeps and waits stands still, until somebody resumes it.',
      );
    case 'waitingForPause':
      return only('About to pause: what runs at present is finished first, and nothing new starts.');
    case 'rollingBack':
      return rollingBack(instance.waitingFor, steps, now);
    case 'complete':
    case 'errored':
    case 'terminated':
      return only(ended(status, instance));
  }
};

const only = (lead: string): Explanation => ({ lead, others: [] });

const quoted = (name: string): string => `“${name}”`;

const running = (steps: readonly Step[]): string => {
  const atWork = steps.filter((step) => step.status === 'running' && step.type !== 'rollback');
  const [first] = atWork;
  if (first === undefined) return 'Running.';
  const attempt = first.attempts.at(-1)?.number ?? 1;
  const which = attempt > 1 ? `, attempt ${attempt}` : '';
  const more = atWork.length > 1 ? `, and ${atWork.length - 1} more at the same time` : '';
  return `Running ${quoted(first.name)}${which}${more}.`;
};

const waiting = (waits: readonly WaitingFor[], steps: readonly Step[], now: number): Explanation => {
  const inOrder = [...waits].sort((a, b) => untilOf(a) - untilOf(b));
  const [lead = 'Waiting.', ...others] = inOrder.map((wait) => sentenceOf(wait, steps, now));
  return { lead, others };
};

const untilOf = ({ until }: WaitingFor): number => (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until));

const sentenceOf = (
  { kind, name, until, eventType, approval }: WaitingFor,
  steps: readonly Step[],
  now: number,
): string => {
  const when = until === undefined ? undefined : moment(Date.parse(until), now);
  const atMost = when === undefined ? '' : `, at the latest until ${when}`;
  switch (kind) {
    case 'sleep':
      return `Sleeping in ${quoted(name)}${when === undefined ? '' : ` until ${when}`}.`;
    case 'event':
      return `Waiting in ${quoted(name)} for ${eventType === undefined ? 'an event' : `the event ${quoted(eventType)}`}${atMost}.`;
    case 'retry': {
      const tries = steps.find((step) => step.name === name && step.status === 'waiting')?.attempts.length;
      const failed = tries === undefined || tries === 1 ? 'has failed' : `has failed ${tries} times`;
      return `Step ${quoted(name)} ${failed} and is tried again${when === undefined ? '' : ` at ${when}`}.`;
    }
    case 'deferred':
      return `Step ${quoted(name)} waits for its result from outside${atMost}.`;
    case 'approval': {
      const policy = policyOf(steps, approval);
      const by = policy === undefined ? 'A policy' : `The policy ${quoted(policy)}`;
      return `${by} holds back ${quoted(name)} until the operator approves it${atMost}.`;
    }
  }
};

const policyOf = (steps: readonly Step[], approval: string | undefined): string | undefined =>
  steps.flatMap(({ approvals = [] }) => approvals).find(({ id }) => id === approval)?.policy;

/** An instant, and how far away it is. */
const moment = (at: number, now: number): string =>
  at <= now ? 'now' : `${instantText(at, now)} (in ${lengthText(at - now)})`;

const rollingBack = (waits: readonly WaitingFor[], steps: readonly Step[], now: number): Explanation => {
  if (waits.length > 0) {
    const { lead, others } = waiting(waits, steps, now);
    return { lead: `Rolling back. ${lead}`, others };
  }
  const undoing = steps.find((step) => step.type === 'rollback' && step.status === 'running');
  return only(undoing === undefined ? 'Rolling back.' : `Rolling back: undoing ${quoted(undoing.name)}.`);
};

const ended = (status: Extract<Status, 'complete' | 'errored' | 'terminated'>, instance: Explained): string => {
  const { createdAt, startedAt = createdAt, endedAt, error, rollback } = instance;
  const lasted = endedAt === undefined ? '' : ` after ${lengthText(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const undone =
    rollback === undefined ? '' : rollback.outcome === 'complete' ? ' Rolled back.' : ' The rollback failed.';
  if (status === 'complete') return `Complete${lasted}.`;
  if (status === 'terminated') return `Terminated${lasted}.${undone}`;
  return `Failed${lasted}${error === undefined ? '' : ` with ${error.name}`}.${undone}`;
};

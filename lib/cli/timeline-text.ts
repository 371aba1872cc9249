import { countText, lengthText, versionText } from '../client/wording.ts';
import type { InstanceDetail, ShownAttempt, ShownError, ShownStep, ShownWait } from './api-types.ts';
import type { Paint } from './terminal.ts';
import { agoText, inText, momentText } from './wording.ts';

export interface TimelineOptions {
  readonly now: number;
  readonly paint: Paint;
  /** Characters of a step's result; 0 leaves results out. */
  readonly outputLimit: number;
}

/** An instance as a person wants to see it: what it is doing, then its steps in order, then how it ended. */
export const timelineText = (instance: InstanceDetail, options: TimelineOptions): string =>
  [...headLines(instance, options), '', ...stepLines(instance, options), ...endLines(instance, options)].join('\n');

const headLines = (instance: InstanceDetail, { now, paint }: TimelineOptions): string[] => {
  const { workflow, id, status, version, createdAt, startedAt, endedAt } = instance;
  const style = status === 'complete' ? 'green' : status === 'errored' || status === 'terminated' ? 'red' : 'yellow';
  const created = `created ${agoText(createdAt, now)} (${momentText(createdAt)})`;
  const spent =
    typeof startedAt !== 'string'
      ? 'not started yet'
      : typeof endedAt === 'string'
        ? `took ${lengthText(Date.parse(endedAt) - Date.parse(startedAt))}`
        : `${lengthText(now - Date.parse(startedAt))} so far`;
  return [
    `${paint('bold', `${workflow} ${id}`)}  ${paint(style, status)}`,
    paint('dim', `version ${versionText(version)}, ${created}, ${spent}`),
    ...(instance.waitingFor ?? []).map((wait) => waitSentence(wait, now)),
  ];
};

/** What it waits for and until when, in one sentence. */
const waitSentence = ({ kind, name, until, eventType, approval }: ShownWait, now: number): string => {
  const moment = until === undefined ? undefined : `${momentText(until)}, ${inText(until, now)}`;
  switch (kind) {
    case 'sleep':
      return `Sleeps in "${name}"${moment === undefined ? '' : ` until ${moment}`}.`;
    case 'approval':
      return `"${name}" waits for an operator to approve it (${approval ?? ''})${moment === undefined ? '' : `, at most until ${moment}`}.`;
    case 'event':
      return `Waits in "${name}" for an event of type "${eventType ?? ''}"${moment === undefined ? '' : `, at most until ${moment}`}.`;
    case 'retry':
      return `Tries "${name}" again${moment === undefined ? '' : ` at ${moment}`}.`;
    case 'deferred':
      return `Waits for the result of "${name}" from outside${moment === undefined ? '' : `, at most until ${moment}`}.`;
  }
};

const stepLines = (instance: InstanceDetail, options: TimelineOptions): string[] => {
  const { steps } = instance;
  if (steps.length === 0) return ['No steps yet.'];
  const titles = steps.map(titleOf);
  const width = Math.min(48, Math.max(...titles.map((title) => title.length)));
  return [
    options.paint('bold', countText(steps.length, 'step')),
    ...steps.flatMap((step, index) => linesOfStep(step, (titles[index] ?? '').padEnd(width), options)),
  ];
};

const titleOf = ({ name, count, type }: ShownStep): string =>
  `${type === 'rollback' ? 'undo ' : ''}${name}${count > 1 ? ` #${count}` : ''}`;

type Mark = 'done' | 'failed' | 'open';

const markOf = ({ status, error, endedAt }: ShownStep): Mark => {
  if (status === 'timedOut' || (error !== undefined && error !== null)) return 'failed';
  return typeof endedAt === 'string' ? 'done' : 'open';
};

const markText = (mark: Mark, paint: Paint): string => {
  switch (mark) {
    case 'done':
      return paint('green', '✓');
    case 'failed':
      return paint('red', '✗');
    case 'open':
      return paint('yellow', '…');
  }
};

const linesOfStep = (step: ShownStep, title: string, options: TimelineOptions): string[] => {
  const { paint, outputLimit } = options;
  const { attempts = [], error } = step;
  const mark = markOf(step);
  const tries = attempts.length > 1 ? `, ${countText(attempts.length, 'attempt')}` : '';
  const lines = [`  ${markText(mark, paint)} ${title}  ${paint('dim', `${doingText(step, mark, options)}${tries}`)}`];
  if (attempts.length > 1)
    lines.push(...attempts.map((attempt, index) => attemptLine(attempt, index === attempts.length - 1, options)));
  else if (error !== undefined && error !== null) lines.push(`      ${paint('red', errorText(error))}`);
  if (outputLimit > 0 && step.output !== undefined && step.output !== null) {
    lines.push(`      ${paint('dim', outputText(step, outputLimit))}`);
  }
  return lines;
};

const doingText = (step: ShownStep, mark: Mark, { now }: TimelineOptions): string => {
  const spent = spentText(step, now);
  const soFar = spent === '' ? '' : `${spent} so far`;
  switch (step.type) {
    case 'sleep':
      return mark === 'open' ? `sleeps, ${soFar}` : `slept ${spent}`;
    case 'waitForEvent':
      return mark === 'open'
        ? `waits for its event, ${soFar}`
        : mark === 'failed'
          ? `gave up after ${spent}`
          : `event came after ${spent}`;
    case 'step':
    case 'rollback':
      return mark === 'open' ? soFar : spent;
  }
};

const attemptLine = (attempt: ShownAttempt, isLast: boolean, { now, paint }: TimelineOptions): string => {
  const { number, error, endedAt } = attempt;
  const mark: Mark = error !== undefined && error !== null ? 'failed' : typeof endedAt === 'string' ? 'done' : 'open';
  const branch = paint('dim', isLast ? '└' : '├');
  const said = error === undefined || error === null ? '' : `  ${paint('red', errorText(error))}`;
  return `      ${branch} ${number}  ${markText(mark, paint)} ${spentText(attempt, now)}${said}`;
};

const spentText = (
  { startedAt, endedAt }: { readonly startedAt?: string | null; readonly endedAt?: string | null },
  now: number,
): string =>
  typeof startedAt === 'string'
    ? lengthText((typeof endedAt === 'string' ? Date.parse(endedAt) : now) - Date.parse(startedAt))
    : '';

const errorText = ({ name, message }: ShownError): string => `${name}: ${message}`;

const outputText = ({ output, truncated }: ShownStep, limit: number): string => {
  const text = JSON.stringify(output);
  return text.length > limit || truncated === true ? `→ ${text.slice(0, limit)} [cut]` : `→ ${text}`;
};

const endLines = ({ output, error }: InstanceDetail, { paint }: TimelineOptions): string[] => {
  if (error !== undefined && error !== null) return ['', paint('red', error.stack ?? errorText(error))];
  return output === undefined ? [] : ['', paint('bold', 'Output'), JSON.stringify(output, undefined, 2)];
};

import { invalidField } from '../core/errors.ts';
import type { StepConfig, StoredValue } from '../core/records.ts';
import { errorView, given, isoTime, MAX_ERROR_TEXT } from './instance-view.ts';
import type { ReadValue } from './stored-values.ts';
import type { InstanceStep } from './use-cases.ts';

/** Bytes of JSON text; a longer output is cut in lists. */
const MAX_LISTED_OUTPUT = 4_096;

interface Extent {
  readonly outputBytes: number;
  readonly errorText: number;
  readonly attempts: number;
  readonly attemptErrorText: number;
}

const LISTED: Extent = { outputBytes: MAX_LISTED_OUTPUT, errorText: 4_096, attempts: 100, attemptErrorText: 1_024 };
const WHOLE: Extent = {
  outputBytes: Number.POSITIVE_INFINITY,
  errorText: MAX_ERROR_TEXT,
  attempts: 1_000,
  attemptErrorText: 2_048,
};

const REDACTED = { output: '[REDACTED]' };

export const configView = ({ retries, timeoutMs, sensitive }: StepConfig) => ({
  // `null`: a function of the tenant's decides.
  retries: { limit: retries.limit, delay: retries.delayMs, backoff: retries.backoff },
  timeout: timeoutMs,
  ...given('sensitive', sensitive, (what) => what),
});

const viewStep = async (step: InstanceStep, readValue: ReadValue, extent: Extent) => ({
  type: step.type,
  name: step.name,
  count: step.count,
  status: step.status,
  startedAt: isoTime(step.startedAt),
  ...given('endedAt', step.endedAt, isoTime),
  ...(await outputOf(step, readValue, extent)),
  ...given('error', step.error, (error) => errorView(error, extent.errorText)),
  ...given('config', step.config, configView),
  ...given('eventType', step.eventType, (type) => type),
  ...given('until', step.until, isoTime),
  attempts: step.attempts.slice(-extent.attempts).map((attempt) => ({
    number: attempt.number,
    startedAt: isoTime(attempt.startedAt),
    ...given('endedAt', attempt.endedAt, isoTime),
    ...given('error', attempt.error, (error) => errorView(error, extent.attemptErrorText)),
  })),
  ...given('approvals', step.approvals, (approvals) => approvals.slice(-MAX_APPROVALS).map(approvalView)),
});

/** Each method that a step calls may ask for one: the latest tell why it waits. */
const MAX_APPROVALS = 10;

const approvalView = (approval: NonNullable<InstanceStep['approvals']>[number]) => ({
  id: approval.id,
  policy: approval.policy,
  ...given('call', approval.call, ({ binding, method }) => `${binding}.${method}`),
  status: approval.status,
  askedAt: isoTime(approval.askedAt),
  until: isoTime(approval.until),
  ...given('decidedAt', approval.decidedAt, isoTime),
  ...given('reason', approval.reason, (text) => text),
  ...given('by', approval.by, (name) => name),
});

/** A cut output is the beginning of its JSON text, with `truncated` beside it. */
const outputOf = async (step: InstanceStep, readValue: ReadValue, extent: Extent) =>
  step.output === undefined
    ? {}
    : shownOutput(step.output, step.config?.sensitive === 'output', readValue, extent.outputBytes);

export const shownOutput = async (
  output: StoredValue,
  isSensitive: boolean,
  readValue: ReadValue,
  maxBytes: number = MAX_LISTED_OUTPUT,
): Promise<{ readonly output?: unknown; readonly truncated?: true }> => {
  if (isSensitive) return REDACTED;
  const { json, bytes } = await readValue(output);
  if (json === undefined) return {};
  if (bytes <= maxBytes) return { output: json };
  const text = Buffer.from(JSON.stringify(json)).subarray(0, maxBytes).toString('utf8');
  // The cut may have gone through a character.
  return { output: text.replace(/\ufffd+$/, ''), truncated: true };
};

export const wholeStep = (step: InstanceStep, readValue: ReadValue) => viewStep(step, readValue, WHOLE);

type ListedStep = Awaited<ReturnType<typeof wholeStep>>;

/** Steps from `from` on, as many as `limit` and `maxBytes` of JSON text allow, but at least one. */
export const listSteps = async (
  steps: readonly InstanceStep[],
  params: { readonly from: number; readonly limit: number; readonly maxBytes: number; readonly readValue: ReadValue },
): Promise<{ readonly steps: readonly ListedStep[]; readonly cursor?: string }> => {
  const page: ListedStep[] = [];
  let bytes = 0;
  for (const step of steps.slice(params.from, params.from + params.limit)) {
    const view = await viewStep(step, params.readValue, LISTED);
    bytes += Buffer.byteLength(JSON.stringify(view));
    if (bytes > params.maxBytes && page.length > 0) break;
    page.push(view);
  }
  const next = params.from + page.length;
  return next < steps.length ? { steps: page, cursor: stepsCursor(next) } : { steps: page };
};

const CURSOR = /^s([1-9]\d{0,8})$/;

const stepsCursor = (from: number): string => Buffer.from(`s${from}`).toString('base64url');

/** @throws TenonError `request.invalid` */
export const readStepsCursor = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  const from = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (from === undefined) {
    throw invalidField('cursor', 'The cursor is not one that a list gave. Leave it out to start at the top.');
  }
  return Number(from);
};

import { metadataOf } from '../core/envelope.ts';
import { SECOND_MS } from '../core/limits.ts';
import type { ErrorData, RollbackOutcome } from '../core/records.ts';
import type { ReadValue } from './stored-values.ts';
import type { InstanceSummary } from './use-cases.ts';

/** In a list; of an instance that waits for thousands of things at once. */
const MAX_WAITS_LISTED = 20;
const MAX_WAITS = 1_000;
export const MAX_ERROR_TEXT = 16_384;

let lastSecond = Number.NaN;
let lastSecondText = '';

/**
 * ISO 8601 in UTC with milliseconds. The times of an answer mostly lie in one second, and `toISOString` was a third of
 * what a detail costs: so the text of the last second is kept.
 */
export const isoTime = (at: number): string => {
  const second = Math.floor(at / SECOND_MS);
  if (second !== lastSecond) {
    lastSecondText = new Date(second * SECOND_MS).toISOString().slice(0, -'000Z'.length);
    lastSecond = second;
  }
  return `${lastSecondText}${`${Math.trunc(at - second * SECOND_MS)}`.padStart(3, '0')}Z`;
};

/** A field that has no value yet is absent. */
export const given = <K extends string, V, R>(key: K, value: V | undefined, show: (value: V) => R): { [P in K]?: R } =>
  (value === undefined ? {} : { [key]: show(value) }) as { [P in K]?: R };

export const errorView = ({ name, message, stack }: ErrorData, maxText: number = MAX_ERROR_TEXT) => ({
  name: name.slice(0, 256),
  message: cutText(message, maxText),
  ...given('stack', stack, (text) => cutText(text, maxText)),
});

export const rollbackView = (rollback: RollbackOutcome) => ({
  outcome: rollback.outcome,
  ...(rollback.outcome === 'failed' ? { error: errorView(rollback.error) } : {}),
});

const cutText = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max)}…`);

const times = (summary: InstanceSummary) => ({
  createdAt: isoTime(summary.createdAt),
  ...given('startedAt', summary.startedAt, isoTime),
  ...given('endedAt', summary.endedAt, isoTime),
});

const waits = (summary: InstanceSummary, max: number) =>
  summary.waitingFor.slice(0, max).map(({ kind, name, until, eventType, approval }) => ({
    kind,
    name,
    ...given('until', until, isoTime),
    ...given('eventType', eventType, (type) => type),
    ...given('approval', approval, (id) => id),
  }));

/** As it stands in a list. */
export const instanceItem = (summary: InstanceSummary) => ({
  id: summary.id,
  status: summary.status,
  version: summary.version,
  ...times(summary),
  waitingFor: waits(summary, MAX_WAITS_LISTED),
});

/** `output` and `error`, each where there is one. */
export const outcomeView = async (summary: InstanceSummary, readValue: ReadValue) => {
  const output = summary.output === undefined ? undefined : (await readValue(summary.output)).json;
  return {
    ...given('output', output, (json) => json),
    ...given('error', summary.error, errorView),
  };
};

/** The answer to a creation. */
export const createdView = ({ id, status, version, workflow }: InstanceSummary) => ({ id, status, version, workflow });

/** The whole instance but for its steps. */
export const instanceView = async (summary: InstanceSummary, readValue: ReadValue) => {
  const { params } = summary.envelope;
  const shownParams = params === null ? undefined : (await readValue(params)).json;
  return {
    id: summary.id,
    workflow: summary.workflow,
    status: summary.status,
    version: summary.version,
    ...given('params', shownParams, (json) => json),
    metadata: metadataOf(summary.envelope, summary.version),
    trigger: { source: summary.trigger.source },
    ...times(summary),
    ...(await outcomeView(summary, readValue)),
    waitingFor: waits(summary, MAX_WAITS),
    stepCount: summary.stepCount,
  };
};

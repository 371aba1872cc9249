import { showValue } from '../core/durations.ts';
import { INSTANCE_EVENT_TYPES, type InstanceEvent, type InstanceEventType } from '../core/instance-events.ts';
import type { ErrorData, StepConfig, StoredValue } from '../core/records.ts';
import { isStoredStream } from '../core/replay/streams.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { WorkflowControl } from '../ports/workflow-control.ts';

import { decodeValue } from './values.ts';
import { readOptions } from './workflow-arguments.ts';

const TYPES: ReadonlySet<unknown> = new Set(INSTANCE_EVENT_TYPES);
const MAX_WAIT_MS = 20_000;

/**
 * Events of an instance for the subscription that the guest keeps. `options`: as tenant code gave them to `subscribe`;
 * `progress`: how far that subscription has got, and how long to wait for more.
 */
export const tellEvents = async (
  control: WorkflowControl,
  key: InstanceKey,
  {
    options,
    progress,
    signal,
  }: { readonly options: unknown; readonly progress: unknown; readonly signal: AbortSignal },
): Promise<unknown> => {
  const { cursor: from, filter } = readOptions(options, 'subscribe');
  const { cursor = from, waitMs } = readOptions(progress, 'subscribe');
  const isNumber = typeof cursor === 'number' && Number.isSafeInteger(cursor) && cursor >= 0;
  if (cursor !== undefined && !isNumber && typeof cursor !== 'string') {
    throw new TypeError(`The cursor of subscribe is the eventId of an event, not ${showValue(cursor)}`);
  }
  const told = await control.readEvents({
    key,
    ...(cursor !== undefined && { cursor: String(cursor) }),
    ...(filter !== undefined && { types: readFilter(filter) }),
    waitMs: typeof waitMs === 'number' ? Math.min(Math.max(0, waitMs), MAX_WAIT_MS) : 0,
    signal,
  });
  const events = await Promise.all(told.events.map((event) => shownEvent(control, key, event)));
  return { events, cursor: told.cursor, done: told.isOver };
};

const readFilter = (filter: unknown): readonly InstanceEventType[] => {
  const isList = Array.isArray(filter);
  const strange = isList ? Object.values(filter).find((type) => !TYPES.has(type)) : filter;
  if (!isList || strange !== undefined) {
    throw new TypeError(`The filter of subscribe is a list of types of events; ${showValue(strange)} is none`);
  }
  return Object.values(filter) as InstanceEventType[];
};

/** As Cloudflare has it; absent what the event does not have. */
const shownEvent = async (control: WorkflowControl, key: InstanceKey, event: InstanceEvent): Promise<unknown> => {
  const { at, step, config, output, error, isSensitive, ...plain } = event;
  return {
    ...plain,
    instanceId: key.id,
    timestamp: at,
    ...(step !== undefined && { stepName: `${step.name}-${step.count}` }),
    ...(config !== undefined && { config: shownConfig(config) }),
    ...(output !== undefined && { output: isSensitive ? '[REDACTED]' : await shownOutput(control, key, output) }),
    ...(error !== undefined && { error: shownError(error) }),
  };
};

const shownOutput = async (
  control: WorkflowControl,
  { tenant }: InstanceKey,
  output: StoredValue,
): Promise<unknown> => {
  if (isStoredStream(output)) return { bytes: output.bytes };
  if (typeof output !== 'string' && !output.ref.startsWith(`${tenant}/`)) throw new Error('A value of another tenant');
  return decodeValue(await control.loadValue(output));
};

const shownConfig = ({ retries, timeoutMs, sensitive }: StepConfig) => ({
  retries: { limit: retries.limit, delay: retries.delayMs ?? '[dynamic]', backoff: retries.backoff },
  timeout: timeoutMs,
  ...(sensitive !== undefined && { sensitive }),
});

const shownError = ({ name, message }: ErrorData) => ({ name, message });

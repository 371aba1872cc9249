import type { InstanceEvent } from '../core/instance-events.ts';
import { errorView, given, isoTime } from './instance-view.ts';
import { configView, shownOutput } from './step-view.ts';
import type { ReadValue } from './stored-values.ts';

/** An event as it is told. `stepName` is Cloudflare's: name and count in one. */
export const eventView = async (
  event: InstanceEvent,
  params: { readonly id: string; readonly readValue: ReadValue },
) => ({
  eventId: event.eventId,
  type: event.type,
  instanceId: params.id,
  timestamp: isoTime(event.at),
  ...given('stepName', event.step, ({ name, count }) => `${name}-${count}`),
  ...given('step', event.step, (step) => step),
  ...given('attempt', event.attempt, (attempt) => attempt),
  ...given('config', event.config, configView),
  ...(event.output === undefined ? {} : await shownOutput(event.output, event.isSensitive === true, params.readValue)),
  ...given('error', event.error, (error) => errorView(error, MAX_EVENT_ERROR)),
  ...given('retryDelayMs', event.retryDelayMs, (ms) => ms),
  ...given('durationMs', event.durationMs, (ms) => ms),
  ...given('eventType', event.eventType, (type) => type),
  ...given('expected', event.expected, (text) => text),
  ...given('got', event.got, (text) => text),
  ...given('approval', event.approval, (name) => name),
  ...given('policy', event.policy, (name) => name),
  ...given('call', event.call, (name) => name),
  ...given('approved', event.approved, (approved) => approved),
  ...given('reason', event.reason, (text) => text),
  ...given('by', event.by, (name) => name),
  ...given('level', event.level, (level) => level),
  ...given('message', event.message, (message) => message),
});

/** What an instance has said; that it failed is said at the end, as any process says it. */
export const logView = (event: InstanceEvent) => ({
  eventId: event.eventId,
  time: isoTime(event.at),
  level: event.level ?? 'error',
  message: event.message ?? `Uncaught ${event.error?.stack ?? `${event.error?.name}: ${event.error?.message}`}`,
  ...given('step', event.step, ({ name, count }) => `${name}-${count}`),
  ...given('attempt', event.attempt, (attempt) => attempt),
});

const MAX_EVENT_ERROR = 4_096;

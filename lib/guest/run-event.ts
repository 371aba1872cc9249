import type { TurnStart } from '../ports/turn-messages.ts';
import { decode } from './values.ts';

/** The `event` of `run(event, step)`. */
export const runEvent = ({ payload, timestamp, instanceId, workflowName, schedule }: TurnStart): object =>
  deepFreeze({
    payload: payload === null ? {} : decode(payload),
    timestamp: new Date(timestamp),
    instanceId,
    workflowName,
    ...(schedule === undefined ? {} : { schedule: { cron: schedule.cron, scheduledTime: schedule.scheduledAt } }),
  });

/** Read-only, as the contract says, for plain containers; typed arrays cannot be frozen and stay as they are. */
const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
};

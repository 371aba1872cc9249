import { z } from 'zod';
import { batchProblem, cursor, json, statusName, time } from '../schemas.ts';

/** What the answers about instances look like. A field that has no value yet is absent. */

export const errorShape = z
  .strictObject({ name: z.string(), message: z.string(), stack: z.string().optional() })
  .meta({ id: 'InstanceError' });

const wait = z
  .strictObject({
    kind: z.enum(['sleep', 'event', 'retry', 'deferred', 'approval']),
    name: z.string(),
    until: time.optional(),
    eventType: z.string().optional(),
    approval: z.string().optional().describe('As an operator names it to answer'),
  })
  .meta({ id: 'WaitingFor' });

const approval = z
  .strictObject({
    id: z.string(),
    policy: z.string(),
    call: z.string().optional().describe('`binding.method`, where a call waits; absent: the step does'),
    status: z.enum(['pending', 'approved', 'refused', 'expired']),
    askedAt: time,
    until: time,
    decidedAt: time.optional(),
    reason: z.string().optional(),
    by: z.string().optional(),
  })
  .meta({ id: 'Approval' });

const times = { createdAt: time, startedAt: time.optional(), endedAt: time.optional() };
const outcome = { output: json.optional(), error: errorShape.optional() };

export const createdShape = z
  .strictObject({ id: z.string(), status: statusName, version: z.string(), workflow: z.string(), ...outcome })
  .meta({ id: 'CreatedInstance' });

export const listShape = z.strictObject({
  instances: z.array(
    z
      .strictObject({
        id: z.string(),
        status: statusName,
        version: z.string(),
        ...times,
        waitingFor: z.array(wait),
      })
      .meta({ id: 'InstanceItem' }),
  ),
  cursor,
});

export const configShape = z.strictObject({
  retries: z.strictObject({
    limit: z.number(),
    delay: z.number().nullable(),
    backoff: z.enum(['exponential', 'linear', 'constant']),
  }),
  timeout: z.number(),
  sensitive: z.literal('output').optional(),
});

export const stepShape = z
  .strictObject({
    type: z.enum(['step', 'sleep', 'waitForEvent', 'rollback']),
    name: z.string(),
    count: z.int(),
    status: z.enum(['running', 'waiting', 'completed', 'errored', 'timedOut']),
    startedAt: time,
    endedAt: time.optional(),
    output: json.optional(),
    truncated: z.literal(true).optional().describe('`output` is the beginning of its JSON text'),
    error: errorShape.optional(),
    config: configShape.optional(),
    eventType: z.string().optional(),
    until: time.optional(),
    attempts: z.array(
      z.strictObject({ number: z.int(), startedAt: time, endedAt: time.optional(), error: errorShape.optional() }),
    ),
    approvals: z.array(approval).optional().describe('That policies have asked for, the last 10'),
  })
  .meta({ id: 'Step' });

export const detailShape = z
  .strictObject({
    id: z.string(),
    workflow: z.string(),
    status: statusName,
    version: z.string(),
    params: json.optional(),
    metadata: z.record(z.string(), json),
    trigger: z.strictObject({ source: z.string() }),
    ...times,
    ...outcome,
    waitingFor: z.array(wait),
    stepCount: z.int(),
    rollback: z.strictObject({ outcome: z.enum(['complete', 'failed']), error: errorShape.optional() }).optional(),
    steps: z.array(stepShape),
    stepsCursor: cursor,
  })
  .meta({ id: 'Instance' });

export const stepsShape = z.strictObject({ steps: z.array(stepShape), cursor });

export const batchShape = z.strictObject({
  created: z.array(z.strictObject({ id: z.string() })),
  errors: z.array(batchProblem),
});

export const deletedShape = z.strictObject({
  deleted: z.union([z.array(z.string()), z.array(z.strictObject({ id: z.string() })), z.int()]),
  errors: z.array(batchProblem),
});

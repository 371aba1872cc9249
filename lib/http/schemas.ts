import { z } from 'zod';
import { parseDuration } from '../core/durations.ts';
import { MAX_BATCH } from '../core/limits.ts';
import { isInstanceId } from '../core/names.ts';

/** Shapes that several groups of routes share. */

const INTEGER = /^\d{1,9}$/;

/** A whole number in a query. */
export const integerText = (min: number, max: number) => {
  const message = `must be an integer from ${min} to ${max}`;
  return z
    .string()
    .refine((text) => INTEGER.test(text) && Number(text) >= min && Number(text) <= max, message)
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: max });
};

export const MAX_WAIT_S = 20;
export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;

/** Seconds. */
export const wait = integerText(0, MAX_WAIT_S).optional();
export const pageQuery = {
  limit: integerText(1, MAX_PAGE).exactOptional(),
  cursor: z.string().min(1, 'must not be empty').max(1_024, 'is too long').exactOptional(),
};

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with its offset; gives epoch ms. */
export const instant = z
  .string()
  .refine(
    (text) => INSTANT.test(text) && Number.isFinite(Date.parse(text)),
    'must be a time in ISO 8601, such as 2026-01-31T12:00:00.000Z',
  )
  .transform((text) => Date.parse(text))
  .meta({ type: 'string', format: 'date-time' });

/** Milliseconds or a text such as `"30 days"`; gives whole milliseconds. */
export const duration = z
  .union([z.number(), z.string()], { error: 'must be milliseconds or a text such as "30 days"' })
  .transform((value, context) => {
    const parsed = parseDuration(value);
    if (parsed.ok) return parsed.ms;
    context.addIssue({ code: 'custom', message: parsed.problem });
    return z.NEVER;
  });

export const instanceId = z
  .string({ error: 'Workflow instance has invalid id' })
  .refine(isInstanceId, 'Workflow instance has invalid id');

export const versionName = z.string().min(1).max(128);

/** Any JSON value. */
export const json = z.unknown();

/** A time in an answer: UTC with milliseconds. */
export const time = z.iso.datetime({ precision: 3 });

export const statusName = z
  .enum([
    'queued',
    'running',
    'waiting',
    'paused',
    'waitingForPause',
    'rollingBack',
    'errored',
    'terminated',
    'complete',
  ])
  .meta({ id: 'Status' });

export const batchProblem = z
  .strictObject({ index: z.int(), id: z.string().optional(), code: z.string(), message: z.string() })
  .meta({ id: 'BatchProblem' });

/** A list of `what` of at most 100. */
export const batchOf = <S extends z.ZodType>(what: S, atLeastOne: string) =>
  z.array(what).min(1, atLeastOne).max(MAX_BATCH, `has at most ${MAX_BATCH} items`);

export const cursor = z.string().optional();

import { MAX_LOG_LINE_CHARS } from '../core/limits.ts';
import type { GuestMessage } from '../ports/turn-messages.ts';

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isHeaders = (value: unknown): boolean =>
  Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));
const isRecords = (value: unknown): boolean =>
  Array.isArray(value) && value.every((record) => isObject(record) && isText(record.kind));
const isPlace = (value: unknown): boolean =>
  value === undefined ||
  (isObject(value) && isText(value.file) && isCount(value.line) && value.line > 0 && isCount(value.column));
const isError = (value: unknown): boolean => isObject(value) && isText(value.name) && isText(value.message);
const isStop = (value: unknown): boolean =>
  value === 'caught_up' || value === 'effect' || value === 'returned' || value === 'threw';
const isDivergence = (value: unknown): boolean =>
  isObject(value) && isText(value.step) && isText(value.expected) && isText(value.got) && isPlace(value.place);
const isAttempt = (value: unknown): boolean =>
  value === undefined || (isObject(value) && isCount(value.ordinal) && isCount(value.attempt));
const isStep = (value: unknown): boolean =>
  isObject(value) && isText(value.kind) && isText(value.name) && isCount(value.count);

/** A guest sends 64 at a time; a character is cut as an ellipsis is put. */
const MAX_LINES = 1_000;
const LEVELS: ReadonlySet<unknown> = new Set(['debug', 'log', 'info', 'warn', 'error']);
const LINE_FIELDS: ReadonlySet<string> = new Set(['at', 'level', 'message', 'step', 'attempt']);
const isLine = (line: unknown): boolean =>
  isObject(line) &&
  Object.keys(line).every((field) => LINE_FIELDS.has(field)) &&
  isCount(line.at) &&
  LEVELS.has(line.level) &&
  isText(line.message) &&
  line.message.length <= MAX_LOG_LINE_CHARS + 1 &&
  (line.step === undefined || isSaidIn(line.step)) &&
  (line.attempt === undefined || isCount(line.attempt));
const isSaidIn = (step: unknown): boolean =>
  isObject(step) &&
  isText(step.name) &&
  step.name.length <= 256 &&
  isCount(step.count) &&
  Object.keys(step).length === 2;

const CHECKS: Readonly<Record<GuestMessage['kind'], (message: Fields) => boolean>> = {
  records: ({ records }) => isRecords(records),
  commit: ({ records }) => isRecords(records),
  call: ({ callId, binding, method, args, attempt, records }) =>
    isCount(callId) && isText(binding) && isText(method) && isText(args) && isAttempt(attempt) && isRecords(records),
  write_stream: ({ callId, step, attempt, offset, bytes, isLast, records }) =>
    isCount(callId) &&
    isStep(step) &&
    isCount(attempt) &&
    isCount(offset) &&
    isText(bytes) &&
    typeof isLast === 'boolean' &&
    isRecords(records),
  read_stream: ({ callId, step, from, records }) =>
    isCount(callId) && isStep(step) && isCount(from) && isRecords(records),
  logs: ({ lines, dropped }) =>
    isCount(dropped) && Array.isArray(lines) && lines.length <= MAX_LINES && lines.every(isLine),
  need_segment: () => true,
  need_inbox: () => true,
  need_value: ({ position }) => isCount(position),
  blocked: ({ records, wakeAt, isHolding, takenSeq }) =>
    isRecords(records) &&
    typeof isHolding === 'boolean' &&
    isCount(takenSeq) &&
    (wakeAt === undefined || (typeof wakeAt === 'number' && Number.isFinite(wakeAt))),
  yield: ({ records }) => isRecords(records),
  rehearsed: ({ stop, delivered, divergences, next, place, error }) =>
    isStop(stop) &&
    isCount(delivered) &&
    Array.isArray(divergences) &&
    divergences.every(isDivergence) &&
    (next === undefined || isText(next)) &&
    isPlace(place) &&
    (error === undefined || isError(error)),
  finished: ({ records }) => isRecords(records),
  response: ({ status, headers, body }) =>
    isCount(status) && status >= 200 && status <= 599 && isHeaders(headers) && (body === undefined || isText(body)),
  fetch_failed: ({ error }) => isError(error),
};

/** A guest's text as a message, if it is one: of a known kind, with fields of the right types. Records are checked by the engine. */
export const readGuestMessage = (text: string): GuestMessage | undefined => {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(message) || !isText(message.kind) || !Object.hasOwn(CHECKS, message.kind)) return undefined;
  return CHECKS[message.kind as GuestMessage['kind']](message) ? (message as unknown as GuestMessage) : undefined;
};

import { isSurrogate, utf8Cost } from './replay/stored-bytes.ts';

/**
 * What a stream of a sandboxed command may take in the JSON text of a step's result, bytes: two of them, and what goes
 * around them, stay below the limit on a step's result.
 */
const MAX_STREAM_BYTES = 500_000;

export interface ShownStream {
  readonly text: string;
  readonly isCut: boolean;
}

/**
 * A stream as a step's result holds it: cut in the middle where it is too long, with a line that says how much is missing.
 * @param stream.head how it begins
 * @param stream.leftOut bytes between head and tail that nobody kept
 */
export const showStream = (stream: {
  readonly head: string;
  readonly tail: string;
  readonly leftOut: number;
}): ShownStream => {
  const isWhole = stream.leftOut === 0;
  const whole = stream.head + stream.tail;
  if (isWhole && jsonBytes(whole) <= MAX_STREAM_BYTES) return { text: whole, isCut: false };
  const [head, tail] = isWhole ? [whole, whole] : [stream.head, stream.tail];
  const begin = prefixLength(head);
  const end = suffixStart(tail);
  const missing = isWhole
    ? utf8Bytes(whole.slice(begin, end))
    : stream.leftOut + utf8Bytes(head.slice(begin)) + utf8Bytes(tail.slice(0, end));
  return { text: `${head.slice(0, begin)}\n[... ${missing} bytes left out ...]\n${tail.slice(end)}`, isCut: true };
};

const HALF = MAX_STREAM_BYTES / 2 - 100;

const prefixLength = (text: string): number => {
  let cost = 0;
  let length = 0;
  for (; length < text.length; length += 1) {
    cost += jsonCost(text.charCodeAt(length));
    if (cost > HALF) break;
  }
  return isInPair(text, length) ? length - 1 : length;
};

const suffixStart = (text: string): number => {
  let cost = 0;
  let start = text.length;
  for (; start > 0; start -= 1) {
    cost += jsonCost(text.charCodeAt(start - 1));
    if (cost > HALF) break;
  }
  return isInPair(text, start) ? start + 1 : start;
};

/** A cut there would leave half a character on each side. */
const isInPair = (text: string, at: number): boolean =>
  at > 0 &&
  at < text.length &&
  isHigh(text.charCodeAt(at - 1)) &&
  !isHigh(text.charCodeAt(at)) &&
  isSurrogate(text.charCodeAt(at));

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `\b \t \n \f \r`: JSON writes them in two characters, and the other control characters in six. */
const SHORT_ESCAPES: readonly number[] = [0x08, 0x09, 0x0a, 0x0c, 0x0d];

const jsonCost = (code: number): number => {
  if (code < 0x20) return SHORT_ESCAPES.includes(code) ? 2 : 6;
  return code === QUOTE || code === BACKSLASH ? 2 : utf8Cost(code);
};

const jsonBytes = (text: string): number => sum(text, jsonCost);
const utf8Bytes = (text: string): number => sum(text, utf8Cost);

const sum = (text: string, cost: (code: number) => number): number => {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) bytes += cost(text.charCodeAt(at));
  return bytes;
};

import { lengthText } from '../wording.ts';
import type { Level, TailLine } from './tail-line.ts';

/** A request as the log of `default.fetch` tells it. */
export interface ToldRequest {
  readonly time: string;
  readonly durationMs: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly lines: readonly { readonly time: string; readonly level: Level; readonly message: string }[];
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
}

/** What was said, each at its time, then how the request ended. With `isWhole` the request is one line, for `--json`. */
export const requestLines = (request: ToldRequest, { isWhole }: { readonly isWhole: boolean }): readonly TailLine[] => {
  const { time, durationMs, method, path, status, lines, error } = request;
  const source = `${method} ${path}`;
  const isBad = error !== undefined || status >= 500;
  const threw = error === undefined ? '' : `  threw ${error.stack ?? `${error.name}: ${error.message}`}`;
  const end: TailLine = {
    time: new Date(Date.parse(time) + durationMs).toISOString(),
    source,
    level: isBad ? 'error' : 'info',
    text: `${status}  ${lengthText(durationMs)}${threw}`,
    outcome: isBad ? 'error' : 'ok',
    told: { kind: 'request', ...request },
  };
  if (isWhole) return [end];
  return [...lines.map(({ time: at, level, message }) => ({ time: at, source, level, text: message, told: {} })), end];
};

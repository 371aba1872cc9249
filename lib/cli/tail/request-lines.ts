import { lengthText } from '../../client/wording.ts';
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

/** What was said, each at its time, then how the request ended. All of them tell the same request. */
export const requestLines = (request: ToldRequest): readonly TailLine[] => {
  const { time, durationMs, method, path, status, lines, error } = request;
  const isBad = error !== undefined || status >= 500;
  const threw = error === undefined ? '' : `  threw ${error.stack ?? `${error.name}: ${error.message}`}`;
  const common = { source: `${method} ${path}`, told: { kind: 'request', ...request } };
  return [
    ...lines.map(({ time: at, level, message }) => ({ ...common, time: at, level, text: message })),
    {
      ...common,
      time: new Date(Date.parse(time) + durationMs).toISOString(),
      level: isBad ? 'error' : 'info',
      text: `${status}  ${lengthText(durationMs)}${threw}`,
      outcome: isBad ? 'error' : 'ok',
    },
  ];
};

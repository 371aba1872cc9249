import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

const POSITION = /\(?tenon-bundle\.js:(\d+):(\d+)\)?/;
const OF_PLATFORM = /tenon-prelude\.js|<isolated-vm>|<anonymous>|node:|file:|native/;
const MAX_LINES = 30;

/** A stack in the tenant's own source lines; lines of the platform are left out. */
export const mapStack = (stack: string, map: TraceMap | undefined): string => {
  const lines: string[] = [];
  for (const line of stack.slice(0, 32_768).split('\n')) {
    if (lines.length >= MAX_LINES) break;
    if (!/^\s+at /.test(line)) lines.push(line);
    else {
      const mapped = mapLine(line, map);
      if (mapped !== undefined) lines.push(mapped);
    }
  }
  return lines.join('\n');
};

const mapLine = (line: string, map: TraceMap | undefined): string | undefined => {
  const match = POSITION.exec(line);
  // A recorded error that is thrown on bears lines that were mapped before.
  if (match === null) return OF_PLATFORM.test(line) ? undefined : line;
  if (map === undefined) return undefined;
  const original = originalPositionFor(map, { line: Number(match[1]), column: Math.max(0, Number(match[2]) - 1) });
  if (original.source === null || original.line === null) return undefined;
  const name = /^\s+at (?:async )?([^\s(]+) \(/.exec(line)?.[1];
  const position = `${original.source}:${original.line}:${(original.column ?? 0) + 1}`;
  return name === undefined ? `    at ${position}` : `    at ${name} (${position})`;
};

/** First place in the tenant's source that a mapped stack names. */
export const firstPosition = (
  stack: string,
): { readonly file: string; readonly line: number; readonly column: number } | undefined => {
  const match = /(?:\(|at )([^\s()]+):(\d+):(\d+)\)?/.exec(stack);
  return match === null ? undefined : { file: match[1] ?? '', line: Number(match[2]), column: Number(match[3]) - 1 };
};

export const readMap = (sourceMap: string): TraceMap | undefined => {
  try {
    return new TraceMap(sourceMap);
  } catch {
    return undefined;
  }
};

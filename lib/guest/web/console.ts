import { gate, type LogLevel, resetEachTurn } from './gate.ts';
import { formatLog, inspect } from './inspect.ts';

const counts = new Map<string, number>();
const startedAt = new Map<string, number>();
let indent = '';

resetEachTurn(() => {
  counts.clear();
  startedAt.clear();
  indent = '';
});

function write(level: LogLevel, parts: readonly unknown[]): void {
  const to = gate();
  if (to.isLogging()) to.log(level, indentLines(formatLog(parts)));
}

const indentLines = (text: string): string => (indent === '' ? text : indent + text.replaceAll('\n', `\n${indent}`));

const labelOf = (label: unknown): string => (label === undefined ? 'default' : `${label as string}`);

function logTime(label: unknown, ends: boolean, parts: readonly unknown[]): void {
  const name = labelOf(label);
  const from = startedAt.get(name);
  if (ends) startedAt.delete(name);
  if (from === undefined) write('warn', [`No such label '${name}' for console.time`]);
  else write('log', [`${name}: ${gate().now() - from}ms`, ...parts]);
}

function stackBelow(frame: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, frame);
  return (holder.stack ?? '').split('\n').slice(1).join('\n');
}

/** https://console.spec.whatwg.org */
export const console = {
  debug: (...parts: unknown[]): void => write('debug', parts),
  log: (...parts: unknown[]): void => write('log', parts),
  info: (...parts: unknown[]): void => write('info', parts),
  warn: (...parts: unknown[]): void => write('warn', parts),
  error: (...parts: unknown[]): void => write('error', parts),
  dir: (value: unknown): void => write('log', [inspect(value)]),
  dirxml: (...parts: unknown[]): void => write('log', parts),
  trace: (...parts: unknown[]): void => {
    const head = parts.length === 0 ? 'Trace' : `Trace: ${formatLog(parts)}`;
    write('debug', [`${head}\n${stackBelow(console.trace)}`]);
  },
  assert: (condition?: unknown, ...parts: unknown[]): void => {
    if (condition) return;
    const [first, ...rest] = parts;
    if (parts.length === 0) write('error', ['Assertion failed']);
    else if (typeof first === 'string') write('error', [`Assertion failed: ${first}`, ...rest]);
    else write('error', ['Assertion failed', ...parts]);
  },
  group: (...parts: unknown[]): void => {
    if (parts.length > 0) write('log', parts);
    indent += '  ';
  },
  groupCollapsed: (...parts: unknown[]): void => console.group(...parts),
  groupEnd: (): void => {
    indent = indent.slice(2);
  },
  count: (label?: unknown): void => {
    const name = labelOf(label);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    write('log', [`${name}: ${count}`]);
  },
  countReset: (label?: unknown): void => {
    counts.delete(labelOf(label));
  },
  time: (label?: unknown): void => {
    startedAt.set(labelOf(label), gate().now());
  },
  timeLog: (label?: unknown, ...parts: unknown[]): void => logTime(label, false, parts),
  timeEnd: (label?: unknown): void => logTime(label, true, []),
  table: (rows?: unknown, columns?: readonly string[]): void => write('log', [formatTable(rows, columns)]),
  clear: (): void => {},
};
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function formatTable(rows: unknown, columns: readonly string[] | undefined): string {
  if (!isObject(rows)) return formatLog([rows]);
  const entries: [string, unknown][] =
    rows instanceof Map ? Array.from(rows, ([key, row]) => [inspect(key), row]) : Object.entries(rows);
  const names = new Set<string>(columns ?? entries.flatMap(([, row]) => (isObject(row) ? Object.keys(row) : [])));
  const hasValues = entries.some(([, row]) => !isObject(row));
  const lines = [['(index)', ...names, ...(hasValues ? ['Values'] : [])]];
  for (const [index, row] of entries) {
    const cells = [...names].map((name) =>
      isObject(row) && Object.hasOwn(row, name) ? inspect(Reflect.get(row, name)) : '',
    );
    lines.push([index, ...cells, ...(hasValues ? [isObject(row) ? '' : inspect(row)] : [])]);
  }
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const draw = (line: readonly string[]) =>
    `│ ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' │ ')} │`;
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
  const [head = [], ...body] = lines;
  return [rule('┌', '┬', '┐'), draw(head), rule('├', '┼', '┤'), ...body.map(draw), rule('└', '┴', '┘')].join('\n');
}

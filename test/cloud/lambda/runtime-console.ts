import { format } from 'node:util';

const LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const;

/**
 * Writes what goes to the console as Lambda's runtime does: one line a call, JSON where the function's log format says so.
 * What is written to stdout past the console stays as it is, which embedded metrics depend on.
 */
export const takeOverConsole = (isJson: boolean, requestId: () => string | undefined): void => {
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method as keyof typeof LEVELS] = (...values: unknown[]) => {
      const at = new Date().toISOString();
      const line = isJson
        ? JSON.stringify({ timestamp: at, level, requestId: requestId(), ...messageOf(values) })
        : `${at}\t${requestId()}\t${level}\t${format(...values).replaceAll('\n', '\r')}`;
      process.stdout.write(`${line}\n`);
    };
  }
};

const messageOf = (values: readonly unknown[]): Readonly<Record<string, unknown>> => {
  const [first] = values;
  const error = values.find((value) => value instanceof Error);
  return {
    message: values.length === 1 && isPlain(first) ? first : format(...values),
    ...(error && { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n') ?? [] }),
  };
};

/** An object stays one within the line, provided that it can be written as JSON. */
const isPlain = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false;
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
};

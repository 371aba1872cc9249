import { writeMetrics } from '../adapters/aws/embedded-metrics.ts';
import { clock } from '../adapters/node/system.ts';
import { METRICS } from '../aws-environment.ts';
import { variable } from './variables.ts';

export const logError = (error: unknown, context: Readonly<Record<string, unknown>> = {}): void => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error({ event: 'error', ...context, name, message, stack });
};

const units = { read: 0, write: 0 };

export const countUnits = ({ read, write }: { readonly read: number; readonly write: number }): void => {
  units.read += read;
  units.write += write;
};

/** With the end of an invocation: a frozen process tells nothing. */
export const flushUnits = (): void => {
  if (units.read + units.write === 0) return;
  writeCounts({ [METRICS.readUnits]: units.read, [METRICS.writeUnits]: units.write });
  units.read = 0;
  units.write = 0;
};

export const writeCounts = (counts: Readonly<Record<string, number>>): void =>
  writeMetrics({
    namespace: METRICS.namespace,
    dimension: [METRICS.stack, variable('stack')],
    counts,
    at: clock.now(),
  });

import { makeTracer } from '../adapters/node/otel-tracer.ts';
import type { Tracer } from '../ports/tracer.ts';

/** Beside the parts: functions that tell of nothing have none of its packages. */
export const composeTracing = (): { readonly tracing: { readonly tracer?: Tracer }; flushSpans(): Promise<void> } => {
  const tracer = makeTracer();
  return {
    tracing: tracer === undefined ? {} : { tracer },
    // With the end of an invocation: a frozen process sends nothing.
    flushSpans: async () => tracer?.flush(),
  };
};

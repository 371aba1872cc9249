import type { Span, Tracer } from '../../ports/tracer.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is not sent by then is given up: neither an invocation nor the end of a process waits longer. */
const SEND_WITHIN_MS = 1_000;

/** Whether the standard variables of OpenTelemetry name a collector. */
const isOn = (env: Environment): boolean =>
  env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
  Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT);

/**
 * Sends spans to a collector by OTLP over HTTP, as the process's environment says (`OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME`);
 * `undefined` where it says nothing. The packages are loaded with the first span. What cannot be sent is lost.
 */
export const makeTracer = (env: Environment = process.env): Tracer | undefined => {
  if (!isOn(env)) return undefined;
  let loading: ReturnType<typeof loadExporter> | undefined;
  return {
    tell: (span) => {
      loading ??= loadExporter(env.OTEL_SERVICE_NAME || 'tenon');
      loading.then(({ record }) => record(span)).catch(() => {});
    },
    flush: async () => {
      const late = Promise.withResolvers<void>();
      const timeout = setTimeout(late.resolve, SEND_WITHIN_MS);
      await Promise.race([loading?.then(({ flush }) => flush()).catch(() => {}), late.promise]);
      clearTimeout(timeout);
    },
  };
};

const loadExporter = async (serviceName: string) => {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace }, sdk, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };
  // The ids are ours: what is told later, elsewhere, belongs to the same trace.
  const next = { traceId: '', id: '' };
  const provider = new sdk.BasicTracerProvider({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes({ 'service.name': serviceName })),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.id },
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ timeoutMillis: SEND_WITHIN_MS }))],
  });
  const tracer = provider.getTracer('tenon');

  const record = ({ name, kind, traceId, id, parentId, startedAt, endedAt, attributes, error }: Span): void => {
    Object.assign(next, { traceId, id });
    const parent =
      parentId === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED });
    const span = tracer.startSpan(name, { kind: kinds[kind], startTime: startedAt, attributes }, parent);
    if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
    span.end(endedAt);
  };
  return { record, flush: () => provider.forceFlush() };
};

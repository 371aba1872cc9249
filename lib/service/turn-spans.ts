import type { JournalRecord, RecordOf } from '../core/records.ts';
import type { BindingHost } from '../ports/binding-host.ts';
import type { Clock } from '../ports/clock.ts';
import type { Summary } from '../ports/instance-store.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Span, Tracer } from '../ports/tracer.ts';

interface Needs {
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** The trace of the call that created an instance; `undefined`: none is known. */
export const traceIdOf = ({ envelope }: Pick<Summary, 'envelope'>): string | undefined => {
  const { traceId } = envelope.__dispatcherMetadata;
  return typeof traceId === 'string' ? traceId : undefined;
};

/** What was written at once; `status`: the turn ends with it. */
export interface Written {
  readonly records: readonly JournalRecord[];
  readonly journal: readonly JournalRecord[];
  readonly status?: string;
}

/**
 * Tells of one turn, of the attempts that end in it and of its calls to the outside, in the trace of the call that created the
 * instance, however many days ago: nothing is kept for it beside the trace id.
 */
export class TurnSpans {
  readonly #tracer: Tracer;
  readonly #needs: Needs;
  readonly #summary: Summary;
  readonly #traceId: string;
  readonly #id: string;
  readonly #startedAt: number;
  #outcome = 'lost';
  #error: string | undefined;

  constructor(tracer: Tracer, needs: Needs, summary: Summary) {
    this.#tracer = tracer;
    this.#needs = needs;
    this.#summary = summary;
    // What no call has created is a trace of its own.
    this.#traceId = traceIdOf(summary) ?? summary.incarnation;
    this.#id = this.#newId();
    this.#startedAt = needs.clock.now();
  }

  onWritten({ records, journal, status }: Written): void {
    for (const record of records) {
      const attempt = attemptOf(record, journal);
      if (attempt !== undefined) this.#tellPart({ kind: 'internal', ...attempt });
      if (record.kind === 'errored') this.#error = record.error.name;
      if (record.kind === 'turn_failed' && record.isCounted) this.#error = record.cause;
    }
    if (status !== undefined) this.#outcome = status;
  }

  /** The same bindings, each call of which is told. */
  around(bindings: BindingHost): BindingHost {
    return {
      declare: (params) => bindings.declare(params),
      removeTenant: (tenant) => bindings.removeTenant(tenant),
      call: async (caller, call) => {
        const startedAt = this.#needs.clock.now();
        const tell = (error?: unknown): void =>
          this.#tellPart({
            name: `${call.binding}.${call.method}`,
            kind: 'client',
            startedAt,
            endedAt: this.#needs.clock.now(),
            attributes: {},
            ...(error !== undefined && { error: error instanceof Error ? error.name : 'Error' }),
          });
        try {
          const value = await bindings.call(caller, call);
          tell();
          return value;
        } catch (error) {
          tell(error);
          throw error;
        }
      },
    };
  }

  end(): void {
    const { workflow, id, version, tenant } = this.#summary;
    this.#tracer.tell({
      name: `turn ${workflow}`,
      kind: 'internal',
      traceId: this.#traceId,
      id: this.#id,
      startedAt: this.#startedAt,
      endedAt: this.#needs.clock.now(),
      attributes: {
        'tenon.tenant': tenant,
        'tenon.workflow': workflow,
        'tenon.instance': id,
        'tenon.version': version,
        'tenon.outcome': this.#outcome,
      },
      ...(this.#error !== undefined && { error: this.#error }),
    });
  }

  #tellPart(part: Omit<Span, 'traceId' | 'id' | 'parentId'>): void {
    this.#tracer.tell({ ...part, traceId: this.#traceId, id: this.#newId(), parentId: this.#id });
  }

  #newId(): string {
    return this.#needs.randomness.id().slice(0, 16);
  }
}

type Ended = Pick<Span, 'name' | 'startedAt' | 'endedAt' | 'attributes' | 'error'>;

/** The attempt that a record ends. */
const attemptOf = (record: JournalRecord, journal: readonly JournalRecord[]): Ended | undefined => {
  switch (record.kind) {
    case 'attempt_failed':
      return attempt(record, record.startedAt, record.error.name);
    case 'step_settled':
      return attempt(record, record.startedAt, record.outcome.ok ? undefined : record.outcome.error.name);
    case 'completion_consumed': {
      // A completion that is an error is told by the record that ends the attempt.
      const { ordinal, attempt: number } = record;
      const started = journal.find(
        (one) => one.kind === 'attempt_started' && one.ordinal === ordinal && one.attempt === number,
      );
      return attempt(record, started?.at ?? record.at, undefined);
    }
    default:
      return undefined;
  }
};

const attempt = (
  { step, attempt: number, at }: RecordOf<'attempt_failed' | 'step_settled' | 'completion_consumed'>,
  startedAt: number,
  error: string | undefined,
): Ended => ({
  name: `${step.kind} ${step.name}`,
  startedAt,
  endedAt: at,
  attributes: {
    'tenon.step.kind': step.kind,
    'tenon.step.name': step.name,
    'tenon.step.count': step.count,
    'tenon.step.attempt': number,
  },
  ...(error !== undefined && { error }),
});

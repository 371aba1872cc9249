import { parseDuration } from '../core/durations.ts';
import { TenonError } from '../core/errors.ts';
import { DAY_MS, MAX_VALUE_BYTES } from '../core/limits.ts';
import { QUEUE_WORKFLOW } from '../core/replay/queue-rules.ts';
import type { WorkflowControl } from '../ports/workflow-control.ts';
import { readOptions } from './arguments.ts';
import { BindingError } from './binding-error.ts';
import { type BindingDefinition, defineBinding } from './define-binding.ts';
import { encodedSize } from './encoded-size.ts';
import { encodeValue } from './values.ts';

/** How long a message is kept after its end: dead ones are to be found. */
const KEPT_MS = 4 * DAY_MS;

/** `env.QUEUE`. A message goes to the version that sends it, and nobody is sent one who could not take it. */
export const queueBinding = (control: Pick<WorkflowControl, 'createInstance'>): BindingDefinition =>
  defineBinding({
    name: 'QUEUE',
    methods: ['send'],
    create: ({ tenant: { id: tenant } }) => ({
      send: async ([body, options], { caller }) => {
        if (body === undefined) throw new BindingError('QUEUE.send takes a message: there is none');
        const { delay } = readOptions('QUEUE.send', options, ['delay']);
        const parsed = parseDuration(delay ?? 0);
        if (!parsed.ok) throw new BindingError(`QUEUE.send: delay: ${parsed.problem}`);
        const params = encodeValue({ body, ...(parsed.ms > 0 && { delay: parsed.ms }) });
        if (encodedSize(params) > MAX_VALUE_BYTES) {
          throw new BindingError(`QUEUE.send: a message has at most ${MAX_VALUE_BYTES} bytes of JSON text. Send less`);
        }
        const { version, traceId } = caller;
        const of = { tenant, workflow: QUEUE_WORKFLOW, version, ...(traceId !== undefined && { traceId }) };
        const { summary } = await control
          .createInstance({ ...of, params, retentionMs: KEPT_MS, source: 'binding' })
          .catch(explained);
        return { id: summary.id };
      },
    }),
  });

const explained = (error: unknown): never => {
  if (error instanceof TenonError && error.code === 'workflow.not_found') {
    throw new BindingError(
      'QUEUE.send: nobody would take the message. Export default.queue(batch, env) from this bundle',
    );
  }
  throw error;
};

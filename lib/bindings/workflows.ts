import { metadataOf } from '../core/envelope.ts';
import { TenonError } from '../core/errors.ts';
import { MAX_BATCH } from '../core/limits.ts';
import { isInstanceId, isWorkflowName } from '../core/names.ts';
import type { ErrorData, RollbackOutcome, StoredValue } from '../core/records.ts';
import { QUEUE_WORKFLOW } from '../core/replay/queue-rules.ts';
import type { BindingCaller } from '../ports/binding-host.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { NewInstanceRequest, WorkflowControl, WorkflowControlAction } from '../ports/workflow-control.ts';
import { BindingError } from './binding-error.ts';
import { type BindingDefinition, type BindingMethod, defineBinding } from './define-binding.ts';
import { decodeValue } from './values.ts';
import {
  readEvent,
  readIds,
  readNewInstance,
  readOptions,
  readOutcome,
  readRestart,
  readTerminate,
  readText,
} from './workflow-arguments.ts';
import { tellEvents } from './workflow-events.ts';

/** Stands for the bundle where it exports several workflows. */
const DEFAULT_WORKFLOW = 'TenantWorkflow';

const METHODS = [
  'create',
  'createBatch',
  'get',
  'deleteBatch',
  'status',
  'pause',
  'resume',
  'terminate',
  'restart',
  'sendEvent',
  'delete',
  'events',
  'complete',
] as const;

/**
 * `env.WORKFLOWS`. The first argument of every method names a workflow; `null` stands for the bundle's own. Only `complete`
 * takes a token in its place, which names its instance itself. Reaches the caller's tenant only (E8): another one's instance
 * or token is not found, as one that does not exist.
 */
export const workflowsBinding = (control: WorkflowControl): BindingDefinition =>
  defineBinding({
    name: 'WORKFLOWS',
    type: 'workflows',
    methods: METHODS,
    create: () => {
      const steer = (read: (options: unknown) => WorkflowControlAction): BindingMethod =>
        onInstance(control, async (key, options) => {
          await control.controlInstance({ key, action: read(options) });
        });
      return withCodes({
        create: onWorkflow(control, async (of, options) => {
          const request = readNewInstance(options, 'create');
          const { summary } = await control.createInstance({ ...of, ...request, source: 'binding' });
          return { id: summary.id };
        }),
        createBatch: onWorkflow(control, (of, batch) => createBatch(control, of, batch)),
        get: onInstance(control, async (key) => {
          if (!(await control.hasInstance({ key }))) throw notFound();
          return { id: key.id };
        }),
        deleteBatch: onWorkflow(control, async (of, ids) => {
          const { deleted, errors } = await control.deleteBatch({ ...of, ids: readIds(ids) });
          return {
            deleted: deleted.map((id) => ({ id })),
            errors: errors.map(({ id, code, message }) => ({ id, code, message })),
          };
        }),
        status: onInstance(control, async (key) => statusOf(control, await control.readInstance({ key }))),
        pause: steer(() => ({ kind: 'pause' })),
        resume: steer(() => ({ kind: 'resume' })),
        terminate: steer(readTerminate),
        restart: steer(readRestart),
        sendEvent: onInstance(control, async (key, event) => {
          await control.sendEvent({ key, ...readEvent(event) });
        }),
        events: onInstance(control, (key, options, progress, signal) =>
          tellEvents(control, key, { options, progress, signal }),
        ),
        delete: onInstance(control, (key) => control.deleteInstance({ key })),
        complete: async ([token, outcome], { caller }) => {
          await control.completeDeferred({
            token: readText(token, 'The token of a deferred result'),
            tenant: caller.tenant.id,
            outcome: readOutcome(outcome),
          });
        },
      });
    },
  });

interface WorkflowOf {
  readonly tenant: string;
  readonly workflow: string;
  readonly traceId?: string;
}

const onWorkflow =
  (control: WorkflowControl, method: (of: WorkflowOf, argument: unknown) => Promise<unknown>): BindingMethod =>
  async ([workflow, argument], { caller }) =>
    method(
      {
        tenant: caller.tenant.id,
        workflow: await workflowFor(control, caller, workflow),
        ...(caller.traceId !== undefined && { traceId: caller.traceId }),
      },
      argument,
    );

const onInstance =
  (
    control: WorkflowControl,
    method: (key: InstanceKey, argument: unknown, more: unknown, signal: AbortSignal) => Promise<unknown>,
  ): BindingMethod =>
  async ([workflow, id, argument, more], { caller, signal }) => {
    const name = readText(id, 'The id of an instance');
    const of = { tenant: caller.tenant.id, workflow: await workflowFor(control, caller, workflow) };
    // Storage keys are made of ids: what could never have been created is not asked for.
    if (!isInstanceId(name)) throw notFound();
    return method({ ...of, id: name }, argument, more, signal);
  };

const workflowFor = async (control: WorkflowControl, caller: BindingCaller, workflow: unknown): Promise<string> => {
  if (workflow !== null && workflow !== undefined) {
    const name = readText(workflow, 'The name of a workflow');
    if (!isWorkflowName(name)) {
      throw new TenonError('workflow.not_found', "The tenant's active version exports no workflow with this name.");
    }
    return name;
  }
  const all = await control.listWorkflows({ tenant: caller.tenant.id, version: caller.version });
  const names = all.filter((name) => name !== QUEUE_WORKFLOW);
  const only = names.length === 1 ? names[0] : names.find((name) => name === DEFAULT_WORKFLOW);
  if (only !== undefined) return only;
  throw new BindingError(
    names.length === 0
      ? 'env.WORKFLOWS stands for no workflow: the bundle exports none'
      : `env.WORKFLOWS does not know which workflow is meant: the bundle exports several (${listed(names)}) and none is named ${DEFAULT_WORKFLOW}. Use env.WORKFLOWS.for(name).`,
  );
};

const listed = (names: readonly string[]): string =>
  names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')}, …`;

const createBatch = async (control: WorkflowControl, of: WorkflowOf, batch: unknown): Promise<unknown> => {
  if (Array.isArray(batch)) {
    const instances = readInstances(batch);
    // This form has no place for what went wrong with one of them: all are looked at before any is made.
    for (const { id } of instances) if (id !== undefined && !isInstanceId(id)) throw invalidId();
    const { created, errors } = await control.createBatch({
      ...of,
      instances,
      reportsDuplicates: false,
      source: 'binding',
    });
    const [error] = errors;
    if (error !== undefined) throw new BindingError(error.message);
    return created.map(({ id }) => ({ id }));
  }
  const { count, instances, ...same } = readOptions(batch, 'createBatch');
  if ((count === undefined) === (instances === undefined)) {
    throw new TypeError('createBatch takes a list of instances, { instances } or { count, params? }');
  }
  const list = instances === undefined ? repeat(count, same) : readInstances(instances);
  return control.createBatch({ ...of, instances: list, reportsDuplicates: true, source: 'binding' });
};

const readInstances = (value: unknown): NewInstanceRequest[] => {
  if (!Array.isArray(value)) throw new TypeError('The instances of createBatch are a list');
  checkCount(value.length);
  return Array.from(value, (one) => readNewInstance(one, 'createBatch'));
};

const repeat = (count: unknown, options: unknown): NewInstanceRequest[] => {
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    throw new TypeError('The count of createBatch is a whole number');
  }
  checkCount(count);
  // Alike, and each with an id of its own.
  const { id: _, ...request } = readNewInstance(options, 'createBatch');
  return Array.from({ length: count }, () => request);
};

const checkCount = (count: number): void => {
  if (count === 0) throw new TenonError('request.invalid', 'batchCreate should have at least 1 instance');
  if (count > MAX_BATCH) throw new TenonError('request.invalid', `A batch holds at most ${MAX_BATCH} instances`);
};

/** Cloudflare's `InstanceStatus`, with what Tenon tells beside it. */
const statusOf = async (
  control: WorkflowControl,
  { summary, rollback }: Awaited<ReturnType<WorkflowControl['readInstance']>>,
): Promise<unknown> => {
  const { status, waitingFor, envelope, output, error, tenant, version } = summary;
  return {
    status,
    ...(output === undefined ? {} : { output: decodeValue(await ownValue(control, tenant, output)) }),
    ...(error === undefined ? {} : { error: shown(error) }),
    ...(rollback === undefined ? {} : { rollback: shownRollback(rollback) }),
    waitingFor: waitingFor.map(({ until, ...wait }) => ({
      ...wait,
      ...(until === undefined ? {} : { until: new Date(until) }),
    })),
    metadata: metadataOf(envelope, version),
  };
};

const shown = ({ name, message }: ErrorData) => ({ name, message });

const shownRollback = (rollback: RollbackOutcome) =>
  rollback.outcome === 'failed' ? { outcome: rollback.outcome, error: shown(rollback.error) } : rollback;

const ownValue = (control: WorkflowControl, tenant: string, value: StoredValue): Promise<string> => {
  // A row that points elsewhere is damaged or forged: another tenant's value must not be read for it.
  if (typeof value !== 'string' && !('ref' in value && value.ref.startsWith(`${tenant}/`))) {
    throw new Error('A value of another tenant');
  }
  return control.loadValue(value);
};

const notFound = (): TenonError => new TenonError('instance.not_found', 'The workflow has no instance with this id.');

const invalidId = (): TenonError => new TenonError('request.invalid', 'Workflow instance has invalid id');

/** Tenant code written for Cloudflare reads the code at the start of the message. */
const withCodes = <M extends Record<string, BindingMethod>>(methods: M): M => {
  const shown: Record<string, BindingMethod> = {};
  for (const [name, method] of Object.entries(methods)) {
    shown[name] = async (args, call) => {
      try {
        return await method(args, call);
      } catch (error) {
        if (!(error instanceof TenonError) || !/^(instance|deferred)\./.test(error.code)) throw error;
        const prefix = `(${error.code})`;
        throw error.message.startsWith(prefix) ? error : new TenonError(error.code, `${prefix} ${error.message}`);
      }
    };
  }
  return shown as M;
};

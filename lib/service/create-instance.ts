import { wrapParams } from '../core/envelope.ts';
import { TenonError } from '../core/errors.ts';
import { isInstanceId } from '../core/names.ts';
import type { Version } from '../ports/bundle-store.ts';
import type { InstanceKey, NewInstance, Summary, Trigger } from '../ports/instance-store.ts';
import { admitCreation } from './creation-rate.ts';
import type { Dependencies } from './dependencies.ts';
import { tenantNotFound, tenantSuspended, versionNotFound, workflowNotFound } from './refusals.ts';
import { spill, valuePrefix } from './stored-values.ts';

export type CreateDependencies = Pick<
  Dependencies,
  | 'clock'
  | 'randomness'
  | 'instances'
  | 'tenants'
  | 'bundles'
  | 'blobs'
  | 'wakes'
  | 'firstTurns'
  | 'creationAllowance'
  | 'usage'
>;

export type CreationSource = 'api' | 'binding' | 'schedule';

export interface CreateInstanceParams {
  readonly tenant: string;
  readonly workflow: string;
  readonly id?: string;
  /** Encoded; absent: none. */
  readonly params?: string;
  /** Absent: the active one. Pinned for the instance's life (E9). */
  readonly version?: string;
  readonly retentionMs?: number;
  readonly source: CreationSource;
  /** Of a tick. */
  readonly schedule?: Trigger['schedule'];
  /** Names what the creation follows from; stands in the instance's metadata. */
  readonly traceId?: string;
}

/**
 * @throws TenonError `tenant.not_found`, `tenant.suspended`, `rate.limited`, `version.none_active`, `version.not_found`,
 *   `workflow.not_found`, `request.invalid` (id), `instance.already_exists`
 */
export const createInstance = async (
  deps: CreateDependencies,
  params: CreateInstanceParams,
): Promise<{ readonly summary: Summary }> => {
  const version = await versionFor(deps, params, 1);
  return { summary: await createOne(deps, params, version) };
};

/** The version that new instances get, after all that can be refused before any is made. `count`: how many are asked for. */
export const versionFor = async (
  deps: CreateDependencies,
  params: { readonly tenant: string; readonly workflow: string; readonly version?: string },
  count: number,
): Promise<Version> => {
  const [tenant, version] = await Promise.all([
    deps.tenants.getTenant(params.tenant),
    params.version === undefined
      ? deps.bundles.getActiveVersion(params.tenant)
      : deps.bundles.getVersion(params.tenant, params.version),
  ]);
  if (tenant === undefined) throw tenantNotFound();
  if (tenant.suspended) throw tenantSuspended(tenant);
  if (version === undefined) {
    if (params.version !== undefined) throw versionNotFound();
    throw new TenonError(
      'version.none_active',
      'The tenant has no active version yet: upload a bundle and activate it.',
    );
  }
  if (!version.workflows.some(({ name }) => name === params.workflow)) throw workflowNotFound();
  await admitCreation(deps, tenant, count);
  return version;
};

export const createOne = async (
  deps: CreateDependencies,
  params: Omit<CreateInstanceParams, 'version'>,
  version: Version,
): Promise<Summary> => {
  const id = params.id ?? deps.randomness.id();
  if (!isInstanceId(id)) {
    throw new TenonError('request.invalid', 'Workflow instance has invalid id', {
      fields: [{ path: 'id', message: 'must match ^[a-zA-Z0-9_][a-zA-Z0-9-_]*$ and have at most 100 characters' }],
    });
  }
  const now = deps.clock.now();
  const key: InstanceKey = { tenant: params.tenant, workflow: params.workflow, id };
  const incarnation = deps.randomness.id();
  const stored =
    params.params === undefined
      ? null
      : await spill(deps.blobs, `${valuePrefix(key)}${incarnation}/params`, params.params);
  const metadata = {
    tenant: params.tenant,
    workflow: params.workflow,
    version: version.version,
    ...(params.traceId !== undefined && { traceId: params.traceId }),
  };
  const offered = deps.firstTurns?.offerLease(key, now);
  const instance: NewInstance = {
    ...key,
    incarnation,
    seed: incarnation,
    version: version.version,
    createdAt: now,
    envelope: wrapParams(metadata, stored),
    trigger: { source: params.source, ...(params.schedule !== undefined && { schedule: params.schedule }) },
    ...(params.retentionMs === undefined ? {} : { retentionMs: params.retentionMs }),
    ...(offered === undefined ? {} : { lease: offered.lease }),
    ...(offered?.isTurnBegun ? { isTurnBegun: true } : {}),
  };
  const created = deps.instances.create(instance);
  const summary: Summary = {
    ...instance,
    status: 'queued',
    position: 0,
    wakeAt: now,
    waitingFor: [],
    inboxSeq: 0,
    unclosedClaims: offered?.isTurnBegun ? 1 : 0,
    stepCount: 0,
  };
  // The turn's appends come after the creation in the store's own order, and name an incarnation that nobody else has:
  // where the creation is refused they are refused too, and nothing has left the guest.
  const adopted = offered === undefined ? undefined : deps.firstTurns?.adopt(summary, created);
  const [result] = await Promise.all([created, adopted]);
  if (result === 'already_exists') {
    throw new TenonError('instance.already_exists', `Workflow instance with id "${id}" already exists`);
  }
  const bytes = params.params === undefined ? 0 : Buffer.byteLength(params.params);
  deps.usage?.count({ tenant: key.tenant, workflow: key.workflow }, { instances: 1, bytes });
  if (offered === undefined) await deps.wakes.wake({ key, incarnation });
  return summary;
};

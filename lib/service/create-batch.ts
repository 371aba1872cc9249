import { TenonError } from '../core/errors.ts';
import { MAX_BATCH } from '../core/limits.ts';
import { type CreateDependencies, type CreationSource, createOne, versionFor } from './create-instance.ts';

export interface CreateBatchParams {
  readonly tenant: string;
  readonly workflow: string;
  readonly instances: readonly { readonly id?: string; readonly params?: string }[];
  /** The array form of the binding skips taken ids without a word; the HTTP call tells of each. */
  readonly reportsDuplicates: boolean;
  readonly source: CreationSource;
  readonly traceId?: string;
}

export interface BatchError {
  readonly index: number;
  readonly id?: string;
  readonly code: string;
  readonly message: string;
}

/** @throws TenonError as `createInstance`, and `request.invalid` for a batch of none or of too many */
export const createBatch = async (
  deps: CreateDependencies,
  params: CreateBatchParams,
): Promise<{ readonly created: readonly { readonly id: string }[]; readonly errors: readonly BatchError[] }> => {
  const { instances } = params;
  if (instances.length === 0) throw invalid('batchCreate should have at least 1 instance');
  if (instances.length > MAX_BATCH) throw invalid(`A batch holds at most ${MAX_BATCH} instances`);
  const version = await versionFor(deps, params, instances.length);
  const results = await Promise.allSettled(
    instances.map((instance) => createOne(deps, { ...params, ...instance }, version)),
  );
  const created: { id: string }[] = [];
  const errors: BatchError[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') {
      created.push({ id: result.value.id });
      continue;
    }
    if (!(result.reason instanceof TenonError)) throw result.reason;
    const { code, message } = result.reason;
    if (code === 'instance.already_exists' && !params.reportsDuplicates) continue;
    const id = instances[index]?.id;
    errors.push({ index, ...(id === undefined ? {} : { id }), code, message });
  }
  return { created, errors };
};

const invalid = (message: string): TenonError =>
  new TenonError('request.invalid', message, { fields: [{ path: 'instances', message }] });

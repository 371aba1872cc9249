import { TenonError } from '../core/errors.ts';
import { MAX_BATCH } from '../core/limits.ts';
import type { BatchError } from './create-batch.ts';
import { deleteInstance } from './delete-instance.ts';

/** @throws TenonError `request.invalid` for a batch of none or of too many */
export const deleteBatch = async (
  deps: Parameters<typeof deleteInstance>[0],
  { tenant, workflow, ids }: { readonly tenant: string; readonly workflow: string; readonly ids: readonly string[] },
): Promise<{ readonly deleted: readonly string[]; readonly errors: readonly BatchError[] }> => {
  if (ids.length === 0 || ids.length > MAX_BATCH) {
    const message = `A batch holds 1 to ${MAX_BATCH} ids`;
    throw new TenonError('request.invalid', message, { fields: [{ path: 'ids', message }] });
  }
  const deleted: string[] = [];
  const errors: BatchError[] = [];
  for (const [index, id] of ids.entries()) {
    try {
      await deleteInstance(deps, { key: { tenant, workflow, id } });
      deleted.push(id);
    } catch (error) {
      if (!(error instanceof TenonError)) throw error;
      errors.push({ index, id, code: error.code, message: error.message });
    }
  }
  return { deleted, errors };
};

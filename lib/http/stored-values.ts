import type { StoredValue } from '../core/records.ts';
import type { Dependencies } from '../service/dependencies.ts';
import { type Shown, showValue } from './values.ts';

/** Shows values wherever they lie; one for each tenant's answer. */
export const createValueReader =
  (blobs: Dependencies['blobs'], tenant: string) =>
  async (stored: StoredValue): Promise<Shown> => {
    if (typeof stored === 'string') return showValue(stored);
    // A row that points elsewhere is damaged or forged: another tenant's value must not be shown for it.
    const bytes = stored.ref.startsWith(`${tenant}/`) ? await blobs.get(stored.ref) : undefined;
    if (bytes === undefined) throw new Error(`a value of ${stored.bytes} bytes is missing: ${stored.ref}`);
    return showValue(Buffer.from(bytes).toString('utf8'));
  };

export type ReadValue = ReturnType<typeof createValueReader>;

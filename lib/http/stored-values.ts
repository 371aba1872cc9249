import type { StoredValue } from '../core/records.ts';
import { isStoredStream } from '../core/replay/streams.ts';
import type { Dependencies } from '../service/dependencies.ts';
import { loadValue } from '../service/stored-values.ts';
import { type Shown, shownStream, showValue } from './values.ts';

/** Shows one tenant's values, wherever they lie. */
export const createValueReader =
  (blobs: Dependencies['blobs'], tenant: string) =>
  async (stored: StoredValue): Promise<Shown> => {
    if (isStoredStream(stored)) return shownStream(stored);
    // A row that points elsewhere is damaged or forged: another tenant's value must not be shown for it.
    if (typeof stored !== 'string' && !stored.ref.startsWith(`${tenant}/`)) {
      throw new Error('A stored value belongs to another tenant');
    }
    return showValue(await loadValue(blobs, stored));
  };

export type ReadValue = ReturnType<typeof createValueReader>;

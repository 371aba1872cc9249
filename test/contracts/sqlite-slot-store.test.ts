import { SqliteSlotStore } from '../../lib/adapters/embedded/sqlite-slot-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testSlotStore } from './slot-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testSlotStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteSlotStore(open.database);
  },
  teardown: async () => open?.remove(),
});

import { SqliteUsageStore } from '../../lib/adapters/embedded/sqlite-usage-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testUsageStore } from './usage-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testUsageStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteUsageStore(open.database);
  },
  teardown: async () => open?.remove(),
});

import { SqliteCheckStore } from '../../lib/adapters/embedded/sqlite-check-store.ts';
import { testCheckStore } from './check-store-contract.ts';
import { makeDatabase } from './embedded-folder.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testCheckStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteCheckStore(open.database);
  },
  teardown: async () => open?.remove(),
});

import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testInstanceStore } from './instance-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testInstanceStore({
  setup: async (options) => {
    open = makeDatabase();
    return new SqliteInstanceStore(open.database, options);
  },
  teardown: async () => open?.remove(),
});

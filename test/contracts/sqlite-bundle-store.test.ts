import { SqliteBundleStore } from '../../lib/adapters/embedded/sqlite-bundle-store.ts';
import { testBundleStore } from './bundle-store-contract.ts';
import { makeDatabase } from './embedded-folder.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testBundleStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteBundleStore(open.database);
  },
  teardown: async () => open?.remove(),
});

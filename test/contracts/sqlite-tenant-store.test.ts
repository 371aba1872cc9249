import { SqliteTenantStore } from '../../lib/adapters/embedded/sqlite-tenant-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testTenantStore } from './tenant-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testTenantStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteTenantStore(open.database);
  },
  teardown: async () => open?.remove(),
});

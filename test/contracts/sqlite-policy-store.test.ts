import { SqlitePolicyStore } from '../../lib/adapters/embedded/sqlite-policy-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testPolicyStore } from './policy-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testPolicyStore({
  setup: async () => {
    open = makeDatabase();
    return new SqlitePolicyStore(open.database);
  },
  teardown: async () => open?.remove(),
});

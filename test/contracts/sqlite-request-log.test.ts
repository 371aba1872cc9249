import { SqliteRequestLog } from '../../lib/adapters/embedded/sqlite-request-log.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testRequestLog } from './request-log-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testRequestLog({
  setup: async () => {
    open = makeDatabase();
    return new SqliteRequestLog(open.database);
  },
  teardown: async () => open?.remove(),
});

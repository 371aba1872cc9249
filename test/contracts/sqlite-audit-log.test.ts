import { SqliteAuditLog } from '../../lib/adapters/embedded/sqlite-audit-log.ts';
import { testAuditLog } from './audit-log-contract.ts';
import { makeDatabase } from './embedded-folder.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testAuditLog({
  setup: async () => {
    open = makeDatabase();
    return new SqliteAuditLog(open.database);
  },
  teardown: async () => open?.remove(),
});

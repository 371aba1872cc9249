import { SqliteScheduleStore } from '../../lib/adapters/embedded/sqlite-schedule-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testScheduleStore } from './schedule-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testScheduleStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteScheduleStore(open.database);
  },
  teardown: async () => open?.remove(),
});

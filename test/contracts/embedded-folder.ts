import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';

/** A folder of a test's own. */
export const makeFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'tenon-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** A database in a folder of its own, for suites that make one store on each. */
export const makeDatabase = (): { readonly database: SqliteDatabase; remove(): void } => {
  const folder = makeFolder();
  const database = new SqliteDatabase(join(folder.path, 'tenon.db'));
  return {
    database,
    remove: () => {
      database.close();
      folder.remove();
    },
  };
};

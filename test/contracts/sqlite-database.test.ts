import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { makeFolder } from './embedded-folder.ts';
import { KEY, newInstance, read, slept, started } from './instance-fixture.ts';

let folder: ReturnType<typeof makeFolder>;
let path: string;
let database: SqliteDatabase;

beforeEach(() => {
  folder = makeFolder();
  path = join(folder.path, 'tenon.db');
  database = new SqliteDatabase(path);
});
afterEach(() => {
  database.close();
  folder.remove();
});

const firstOf = (sql: string): unknown => Object.values(database.prepare(sql).get() ?? {})[0];
const clock = { now: () => 1_000 };

describe('group commit', () => {
  beforeEach(() => {
    database.connection.exec('CREATE TABLE notes (n INTEGER PRIMARY KEY)');
  });
  const add = (n: number) => () => database.connection.exec(`INSERT INTO notes VALUES (${n})`);
  const notes = () =>
    database
      .prepare('SELECT n FROM notes ORDER BY n')
      .all()
      .map((row) => row.n);
  /** Another connection: it sees what is committed and nothing else. */
  const seenFromOutside = () => {
    const outside = new DatabaseSync(path);
    const rows = outside
      .prepare('SELECT n FROM notes ORDER BY n')
      .all()
      .map((row) => row.n);
    outside.close();
    return rows;
  };

  it('every commit is synced', () => {
    expect(firstOf('PRAGMA journal_mode')).toBe('wal');
    expect(firstOf('PRAGMA synchronous')).toBe(2);
  });

  it('operations of one tick run in one transaction, in the order in which they were asked for', async () => {
    const order: number[] = [];
    const transactions = new Set<unknown>();
    await Promise.all(
      [1, 2, 3, 4].map((n) =>
        database.write(() => {
          order.push(n);
          add(n)();
          transactions.add(seenFromOutside().length);
        }),
      ),
    );
    expect(order).toEqual([1, 2, 3, 4]);
    expect([...transactions]).toEqual([0]);
    expect(seenFromOutside()).toEqual([1, 2, 3, 4]);
  });

  it('nothing is acknowledged before it is committed, and reads see only what is', async () => {
    const written = database.write(add(1)).then(() => seenFromOutside());
    expect(notes()).toEqual([]);
    expect(await written).toEqual([1]);
  });

  it('an operation that throws leaves nothing and harms no other of its group', async () => {
    const results = await Promise.allSettled([
      database.write(add(1)),
      database.write(() => {
        add(2)();
        throw new Error('changed my mind');
      }),
      database.write(add(1)),
      database.write(add(3)),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: 'changed my mind' } });
    expect(seenFromOutside()).toEqual([1, 3]);
  });

  it('when the commit itself fails everybody is refused and nothing is written', async () => {
    database.connection.exec(`
      PRAGMA foreign_keys = ON;
      CREATE TABLE owners (id INTEGER PRIMARY KEY);
      CREATE TABLE owned (id INTEGER REFERENCES owners DEFERRABLE INITIALLY DEFERRED);
    `);
    const orphan = database.write(() => database.connection.exec('INSERT INTO owned VALUES (7)'));
    const results = await Promise.allSettled([database.write(add(1)), orphan, database.write(add(2))]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(seenFromOutside()).toEqual([]);
    await database.write(add(3));
    expect(seenFromOutside()).toEqual([3]);
  });

  it('a very large group is spread over several transactions, and all of it happens', async () => {
    await Promise.all(Array.from({ length: 1_300 }, (_, n) => database.write(add(n))));
    expect(notes()).toHaveLength(1_300);
  });

  it('closing commits what is waiting and refuses what comes after', async () => {
    const last = database.write(add(1));
    database.close();
    await last;
    await expect(database.write(add(2))).rejects.toThrow('closed');
    expect(seenFromOutside()).toEqual([1]);
  });
});

describe('the store on one connection', () => {
  it('a create and the first append asked for behind it need no wait in between', async () => {
    const store = new SqliteInstanceStore(database, { clock });
    const created = store.create(newInstance(1_000));
    const appended = store.append({ key: KEY, incarnation: 'life-1', position: 0, records: [started(1_000)] });
    expect(await Promise.all([created, appended])).toEqual(['created', { kind: 'done' }]);
  });

  it('a workflow first seen in a transaction that was undone is not remembered', async () => {
    const store = new SqliteInstanceStore(database, { clock });
    const created = store.create(newInstance(1_000));
    const looked = store.append({ key: KEY, incarnation: 'life-1', position: 0, records: [started(1_000)] });
    const failing = database.write(() => {
      throw new Error('undo the group');
    });
    expect((await Promise.allSettled([created, looked, failing])).map((result) => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(await read(store)).toMatchObject({ incarnation: 'life-1' });
  });

  it('a start-up frees the leases of the dead process, whose end counts against no instance', async () => {
    const store = new SqliteInstanceStore(database, { clock });
    await store.create(newInstance(1_000, { lease: { owner: 'dead', until: 31_000 } }));
    await store.create(newInstance(1_000, { id: 'free' }));
    expect(await store.releaseAllLeases(2_000)).toBe(1);
    const freed = await read(store);
    expect(freed).toMatchObject({ wakeAt: 2_000, unclosedClaims: 0 });
    expect(freed.lease).toBeUndefined();
    expect(await store.findDue({ now: 2_000, limit: 10 })).toHaveLength(2);
    expect(await store.renew({ key: KEY, incarnation: 'life-1', lease: { owner: 'dead', until: 60_000 } })).toBe(false);
  });

  it('rows of what was removed go in portions, and after a stop in between the rest goes at the next start', async () => {
    const first = new SqliteInstanceStore(database, { clock });
    for (const id of ['a', 'b', 'c']) {
      const key = { ...KEY, id };
      await first.create(newInstance(1_000, { id }));
      const records = Array.from({ length: 5_000 }, (_, index) => slept(index + 1, 1_000));
      for (let position = 0; position < 5_000; position += 2) {
        void first.append({ key, incarnation: 'life-1', position, records: records.slice(position, position + 2) });
      }
    }
    const removed = Promise.all([first.remove({ ...KEY, id: 'a' }), first.remove({ ...KEY, id: 'b' })]);
    const unlinked = first.removeTenant(KEY.tenant);
    unlinked.catch(() => {});
    await removed;
    database.close();
    await expect(unlinked).rejects.toThrow('closed');
    database = new SqliteDatabase(path);
    expect(firstOf('SELECT count(*) FROM journal')).toBeGreaterThan(0);
    const second = new SqliteInstanceStore(database, { clock });
    await second.create(newInstance(1_000));
    await second.append({ key: KEY, incarnation: 'life-1', position: 0, records: [started(1_000)] });
    expect(await second.readJournal({ key: KEY, incarnation: 'life-1' })).toEqual([started(1_000)]);
    await second.removeTenant('nobody');
    for (const [table, count] of [
      ['journal', 1],
      ['origins', 1],
      ['instances', 1],
      ['garbage', 0],
      ['removed_workflows', 0],
    ]) {
      expect([table, firstOf(`SELECT count(*) FROM ${table}`)]).toEqual([table, count]);
    }
  });
});

describe('trouble with the file', () => {
  it('the file and its logs are for their owner alone', async () => {
    const store = new SqliteInstanceStore(database, { clock });
    await store.create(newInstance(1_000));
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  });

  it('a full disk refuses what does not fit, keeps all else and goes on when there is room', async () => {
    // SQLite answers the page limit as it answers ENOSPC: SQLITE_FULL.
    const store = new SqliteInstanceStore(database, { clock });
    await store.create(newInstance(1_000, { id: 'before' }));
    const pages = firstOf('PRAGMA page_count') as number;
    database.connection.exec(`PRAGMA max_page_count = ${pages + 40}`);
    const large = { __dispatcherMetadata: {}, params: 'x'.repeat(1_000_000) };
    const results = await Promise.allSettled([
      store.create(newInstance(1_000, { id: 'beside' })),
      store.create(newInstance(1_000, { id: 'large', envelope: large })),
      store.create(newInstance(1_000, { id: 'behind' })),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { name: 'DataFolderError', code: 'data.full' } });
    expect(await store.get({ ...KEY, id: 'large' })).toBeUndefined();
    for (const id of ['before', 'beside', 'behind']) expect(await store.get({ ...KEY, id })).toBeDefined();
    database.connection.exec(`PRAGMA max_page_count = ${pages + 4_000}`);
    expect(await store.create(newInstance(1_000, { id: 'large', envelope: large }))).toBe('created');
  });

  it('a database of a newer release is refused and left as it is', () => {
    database.connection.exec('PRAGMA user_version = 1000');
    database.close();
    expect(() => new SqliteDatabase(path)).toThrow(expect.objectContaining({ code: 'data.newer_schema' }));
    const raw = new DatabaseSync(path, { readOnly: true });
    expect(raw.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1000 });
    raw.close();
  });

  it('an existing database is opened as it is, without another migration', async () => {
    await new SqliteInstanceStore(database, { clock }).create(newInstance(1_000));
    const version = firstOf('PRAGMA user_version');
    database.close();
    database = new SqliteDatabase(path);
    expect(firstOf('PRAGMA user_version')).toBe(version);
    expect(await read(new SqliteInstanceStore(database, { clock }))).toMatchObject({ incarnation: 'life-1' });
  });

  it('a file that is no database is refused as damaged', () => {
    const other = join(folder.path, 'other.db');
    writeFileSync(other, 'this is no database, but long enough to be looked at'.repeat(200));
    expect(() => new SqliteDatabase(other)).toThrow(expect.objectContaining({ code: 'data.damaged' }));
  });
});

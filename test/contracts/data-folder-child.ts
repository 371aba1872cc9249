import { writeSync } from 'node:fs';
import { openDataFolder } from '../../lib/adapters/embedded/data-folder.ts';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { finished, KEY, newInstance, started } from './instance-fixture.ts';

/**
 * A process for the tests that need one of its own. `write <folder>`: says `open`, then creates and finishes instances
 * for ever and says each id when its two writes were acknowledged. `try <folder> [uid]`: says how opening went, as that
 * user where one is named.
 */
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const [mode, folder = '', uid] = process.argv.slice(2);

const tryToOpen = (): void => {
  if (uid !== undefined) process.setuid?.(Number(uid));
  try {
    const data = openDataFolder(folder);
    const database = new SqliteDatabase(data.file('tenon.db'));
    database.close();
    data.release();
    say('opened');
  } catch (error) {
    say((error as { code?: string }).code ?? String(error));
  }
};

const writeForEver = async (): Promise<void> => {
  const database = new SqliteDatabase(openDataFolder(folder).file('tenon.db'));
  const store = new SqliteInstanceStore(database, { clock: { now: () => Date.now() } });
  say('open');
  const finishMany = async (writer: number): Promise<void> => {
    for (let count = 0; ; count += 1) {
      const id = `i-${writer}-${count}`;
      const now = Date.now();
      await store.create(newInstance(now, { id, lease: { owner: 'w', until: now + 30_000 } }));
      const turn = { key: { ...KEY, id }, incarnation: 'life-1', position: 0, records: [started(now)] };
      await store.append({
        ...turn,
        release: { owner: 'w', takenSeq: 0, unclosedClaims: 0, projection: finished(now) },
      });
      say(id);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, writer) => finishMany(writer)));
};

if (mode === 'write') await writeForEver();
else tryToOpen();

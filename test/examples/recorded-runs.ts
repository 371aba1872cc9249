import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { startEmbedded } from '../../lib/embedded.ts';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { TenantWorld } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { CATALOGUE, type Example, readEvents, readInput, readText, titleOf } from './catalogue.ts';
import { GOLDEN_ID } from './golden-journal.ts';

export interface RecordedRun {
  readonly status: string;
  readonly output: unknown;
  readonly error: { readonly message: string } | undefined;
  readonly createdAt: number;
  readonly records: readonly JournalRecord[];
}

/** Runs every example at once, each for a tenant of its own, on the whole embedded service; then reads what it has stored. */
export const recordRuns = async (): Promise<ReadonlyMap<Example, RecordedRun>> => {
  const folder = makeFolder();
  const ledger = new Ledger();
  await ledger.listen();
  const errors: string[] = [];
  const service = await startEmbedded({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder.path,
    allowPrivateEgress: false,
    print: (line) => {
      if (line.startsWith('{')) errors.push(line);
    },
  });
  const operator = new Api(service.url, service.operatorKey);
  try {
    const details = await Promise.all(CATALOGUE.map((example) => run(example, operator, ledger)));
    await service.close();
    if (errors.length > 0) throw new Error(errors.join('\n'));
    const journals = await readJournals(`${folder.path}/tenon.db`);
    return new Map(
      CATALOGUE.map((example, index) => [example, { ...details[index], ...journals.get(example) } as RecordedRun]),
    );
  } finally {
    await ledger.close();
    folder.remove();
  }
};

const tenantOf = (example: Example): string => `${example.prefix}${example.folder}`;

const run = async (
  example: Example,
  operator: Api,
  ledger: Ledger,
): Promise<Pick<RecordedRun, 'status' | 'output' | 'error'>> => {
  const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id: tenantOf(example) } });
  const tenant = new TenantWorld(tenantOf(example), new Api(operator.url, body.apiKey), operator, ledger);
  await tenant.deploy(readText(example.source));
  const instance = await tenant.create(readInput(example), { workflow: example.workflow, id: GOLDEN_ID });
  for (const { inStep, type, payload } of readEvents(example)) {
    await instance.waiting(inStep);
    await instance.send(type, payload);
  }
  const { status, output, error } = await instance.finished();
  return { status, output, error };
};

const readJournals = async (
  file: string,
): Promise<ReadonlyMap<Example, Pick<RecordedRun, 'createdAt' | 'records'>>> => {
  const database = new SqliteDatabase(file);
  const store = new SqliteInstanceStore(database, { clock: { now: () => Date.now() } });
  const journals = new Map<Example, Pick<RecordedRun, 'createdAt' | 'records'>>();
  try {
    for (const example of CATALOGUE) {
      const key = { tenant: tenantOf(example), workflow: example.workflow, id: GOLDEN_ID };
      const summary = await store.get(key);
      if (summary === undefined) throw new Error(`${titleOf(example)} left no instance`);
      const records = await store.readJournal({ key, incarnation: summary.incarnation });
      journals.set(example, { createdAt: summary.createdAt, records });
    }
    return journals;
  } finally {
    database.close();
  }
};

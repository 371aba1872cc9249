import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOf } from '../lib/core/invariants.ts';
import { startEmbedded } from '../lib/embedded.ts';
import { tenon } from './cli/command-line.ts';
import { makeFolder } from './contracts/embedded-folder.ts';
import { tenonCommands } from './documents/command-lines.ts';
import {
  CATALOGUE,
  EXAMPLES_FOLDER,
  type Example,
  readGolden,
  readInput,
  readText,
  titleOf,
  writeGolden,
} from './examples/catalogue.ts';
import { fromGolden, toGolden } from './examples/golden-journal.ts';
import { type RecordedRun, recordRuns } from './examples/recorded-runs.ts';
import { ReplayBench } from './examples/replay-bench.ts';

/** `npm run goldens`: what the examples do now is what they are to do. */
const IS_WRITING = process.env.GOLDENS === 'write';
const FOLDERS = [...new Set(CATALOGUE.map(({ folder }) => folder))];

const withoutTime = ({ at: _, ...rest }: { readonly at: number }): object => rest;

it('every folder of examples is in the catalogue, and the catalogue names no other', () => {
  const folders = readdirSync(EXAMPLES_FOLDER, { withFileTypes: true });
  expect(folders.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual([...FOLDERS].sort());
});

describe('on the embedded service, every wait as long as it says,', () => {
  let runs: ReadonlyMap<Example, RecordedRun>;
  beforeAll(async () => {
    runs = await recordRuns();
  }, 60_000);

  it.each(CATALOGUE.map((example) => [titleOf(example), example] as const))(
    'the example %s comes to its end, with the journal that it keeps as the golden one',
    (_, example) => {
      const { status, output, error, createdAt, records } = runs.get(example) as RecordedRun;
      expect(status).toBe(example.failsWith === undefined ? 'complete' : 'errored');
      expect(error?.message).toBe(example.failsWith);
      expect(output).toEqual(example.output);
      expect(violationsOf(records)).toEqual([]);
      const golden = toGolden(records, createdAt);
      if (IS_WRITING) writeGolden(example, golden);
      expect(golden).toEqual(readGolden(example));
    },
  );
});

describe('replayed from its golden journal alone,', () => {
  const bench = new ReplayBench();
  beforeAll(() => bench.start());
  afterAll(() => bench.close());

  it.each(CATALOGUE.map((example) => [titleOf(example), example] as const))(
    'the example %s runs no callback and comes to the same end (E4)',
    async (title, example) => {
      const records = fromGolden(readGolden(example));
      expect(violationsOf(records)).toEqual([]);
      const { messages, records: proposed } = await bench.replay({
        bundle: await bench.compile(readText(example.source)),
        version: title,
        workflow: example.workflow,
        input: readInput(example),
        records: records.slice(0, -1),
        isStrict: true,
      });
      expect(messages.map(({ kind }) => kind)).toEqual(['finished']);
      expect(proposed.map(withoutTime)).toEqual(records.slice(-1).map(withoutTime));
    },
  );

  it.each(CATALOGUE.map((example) => [titleOf(example), example] as const))(
    'the example %s is told to diverge where its first step has another name',
    async (title, example) => {
      const records = fromGolden(readGolden(example));
      const first = records.find((record) => 'step' in record && record.ordinal === 1);
      if (first === undefined || !('step' in first)) throw new Error('the journal holds no step');
      // On the way back nobody looks for a divergence any more.
      const back = records.findIndex(({ kind }) => kind === 'rollback_started');
      const renamed = records
        .slice(0, back < 0 ? -1 : back)
        .map((record) =>
          'step' in record && record.ordinal === 1 ? { ...record, step: { ...record.step, name: 'renamed' } } : record,
        );
      const { records: proposed } = await bench.replay({
        bundle: await bench.compile(readText(example.source)),
        version: `${title} renamed`,
        workflow: example.workflow,
        input: readInput(example),
        records: renamed,
        isStrict: true,
      });
      const [diverged] = proposed.filter(({ kind }) => kind === 'diverged');
      expect(diverged).toMatchObject({
        expected: `step.${first.step.kind}("renamed")`,
        got: `step.${first.step.kind}(${JSON.stringify(first.step.name)})`,
      });
      expect(proposed.at(-1)).toMatchObject({ error: { name: 'NonDeterminismError' } });
    },
  );
});

it('the commands of every README work as they stand', async () => {
  const folder = makeFolder();
  const service = await startEmbedded({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder.path,
    allowPrivateEgress: false,
    print: () => {},
  });
  const follow = async (example: string): Promise<void> => {
    const env = { TENON_URL: service.url, TENON_KEY: service.operatorKey };
    const terminal = { env, cwd: resolve(EXAMPLES_FOLDER, '..') };
    // Each on behalf of a tenant of its own, so that all can go at once.
    expect((await tenon(['tenants', 'create', example], terminal)).code).toBe(0);
    const commands = tenonCommands(readText(`${example}/README.md`));
    expect(commands.length, `commands in the README of ${example}`).toBeGreaterThan(1);
    for (const command of commands) {
      const args = command.map((word) => (word === 'demo' ? example : word));
      expect({ command, ...(await tenon(args, terminal)) }).toMatchObject({ command, code: 0, err: '' });
    }
  };
  try {
    await Promise.all(FOLDERS.map(follow));
  } finally {
    await service.close();
    folder.remove();
  }
}, 60_000);

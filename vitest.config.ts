import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const sdk = (module: string): string => fileURLToPath(new URL(`lib/sdk/${module}.ts`, import.meta.url));

// Of the hundreds of processes that tests start, each compiles only what none has compiled before.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url));

const ALL = ['test/**/*.test.ts', 'tenant-examples/**/*.test.ts'];
/** Of modules that remember nothing from one test to the next. Services do: how much a tenant created a second ago. */
const TOGETHER = [
  'bench',
  'cli',
  'cloud/lambda',
  'documents',
  'testing',
  'bindings',
  'cloud/iam',
  'cloud/services',
  'cloud/signature',
  'cloud/template',
  'contracts',
  'core',
  'dispatch',
  'guest',
  'infra',
  'web',
].map((folder) => `test/${folder}/**/*.test.ts`);

/** Take half a minute and more. Begun first, none of them is left over at the end with a worker idle beside it. */
const LONG = [
  '/conformance/conformance.test.ts',
  '/documents/own-',
  '/simulation/exhaustive.test.ts',
  '/e2e/kills.test.ts',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((part) => moduleId.includes(part));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  resolve: {
    alias: {
      'cloudflare:workers': sdk('workers'),
      'cloudflare:workflows': sdk('workflows'),
      'tenon/testing': fileURLToPath(new URL('lib/testing/index.ts', import.meta.url)),
      'tenon:workers': sdk('workers'),
      'tenon:workflows': sdk('workflows'),
    },
  },
  test: {
    projects: [
      // To start a process for each file, and to load anew what they all test, takes as long as the tests.
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
      { extends: true, test: { name: 'apart', include: ALL, exclude: TOGETHER } },
    ],
    pool: 'forks',
    // Many tests wait for processes more than they compute: one worker would leave a machine of two cores idle.
    maxWorkers: 2,
    // The behaviours of the contract, which wait more still.
    maxConcurrency: 8,
    sequence: { sequencer: LongFirst },
    // isolated-vm cannot live in a process that was started from a snapshot.
    execArgv: ['--no-node-snapshot'],
    // Tests start real processes, on machines with two cores.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['lib/core/**/*.ts'],
      reporter: ['text'],
      thresholds: { statements: 100, branches: 100, functions: 100, lines: 100 },
    },
  },
});

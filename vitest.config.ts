import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const sdk = (module: string): string => fileURLToPath(new URL(`lib/sdk/${module}.ts`, import.meta.url));

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
    include: ['test/**/*.test.ts', 'tenant-examples/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait for processes more than they compute: one worker would leave a machine of two cores idle.
    maxWorkers: 2,
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

import { registerHooks } from 'node:module';

/**
 * `npm run simulate -- --seeds 20000 [--from 1]` or `npm run simulate -- --seed 12345`: many seeds in a row, or one of
 * them with every task that ran.
 */
const SDK: Readonly<Record<string, string>> = {
  'cloudflare:workers': 'workers',
  'cloudflare:workflows': 'workflows',
  'tenon:workers': 'workers',
  'tenon:workflows': 'workflows',
};

registerHooks({
  resolve: (specifier, context, next) => {
    const module = SDK[specifier];
    return next(
      module === undefined ? specifier : new URL(`../../lib/sdk/${module}.ts`, import.meta.url).href,
      context,
    );
  },
});
Error.stackTraceLimit = 5;
const print = console.log.bind(console);
// Tenants' own words.
console.log = () => {};
console.warn = () => {};

const numberOf = (flag: string): number | undefined => {
  const index = process.argv.indexOf(flag);
  if (index < 0) return undefined;
  const value = Number(process.argv[index + 1]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${flag} needs a whole number`);
  return value;
};

const { simulateSeed } = await import('./simulate.ts');
const alone = numberOf('--seed');
if (alone !== undefined) {
  const { problem, tasks } = await simulateSeed(alone, (line) => print(line.slice(0, 600)));
  print(problem === undefined ? `seed ${alone} held (${tasks} tasks)` : `seed ${alone} failed: ${problem}`);
  process.exitCode = problem === undefined ? 0 : 1;
} else {
  const seeds = numberOf('--seeds') ?? 20_000;
  const from = numberOf('--from') ?? 1;
  const startedAt = performance.now();
  let tasks = 0;
  let instances = 0;
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await simulateSeed(seed);
    tasks += outcome.tasks;
    instances += outcome.instances;
    if (outcome.problem === undefined) continue;
    failed += 1;
    print(`seed ${seed} failed: ${outcome.problem}; replay: npm run simulate -- --seed ${seed}`);
    if (failed >= (numberOf('--failures') ?? 10)) break;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  print(
    `${seeds} seeds from ${from}: ${failed} failed; ${instances} instances, ${tasks} tasks, ${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(0)} seeds/s`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

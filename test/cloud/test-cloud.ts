import { parseArgs } from 'node:util';
import { runConformance } from '../conformance/run.ts';
import { type Assembly, synthesizeAssembly } from './assembly.ts';
import { runFaults } from './faults/run-faults.ts';
import { startLocalCloud } from './local-cloud.ts';
import { runMutation } from './mutation/run-mutation.ts';

/** `npm run test:cloud`: what is claimed of the AWS installation, held against the local cloud. */
const LEVELS = ['isolate', 'microvm'] as const;
const { values } = parseArgs({
  options: {
    /** `conformance`, `mutation` or `faults`; all where absent. */
    only: { type: 'string' },
    /** Of conformance. */
    level: { type: 'string' },
    /** Behaviours or mutants whose name has this text. */
    name: { type: 'string' },
    /** Of the faults; a number. Drawn and printed where absent. */
    seed: { type: 'string' },
    /** Instances that the faults meet. */
    instances: { type: 'string', default: '500' },
  },
});

const say = (line: string): void => console.log(line);
const isAsked = (part: string): boolean => values.only === undefined || values.only === part;
const named = values.name === undefined ? {} : { only: values.name };
const summary: string[] = [];
let isGood = true;

const synthesize = (level: (typeof LEVELS)[number]): Assembly => {
  say(`synthesizing the stack, with ${level} as the level that tenants get ...`);
  return synthesizeAssembly({
    allowPrivateEgress: true,
    // As many as a machine of two cores bears beside everything else.
    maxDispatchers: 20,
    isolationLevels: level === 'isolate' ? ['isolate', 'microvm'] : ['microvm', 'isolate'],
  });
};

const conformance = async (level: string, assembly: Assembly): Promise<void> => {
  const cloud = await startLocalCloud({
    template: assembly.template,
    assemblyFolder: assembly.folder,
    onTrouble: (what, error) => console.error(`trouble with ${what}:`, error),
  });
  const { held, heldLater, asked } = await runConformance({
    url: cloud.url,
    operatorKey: cloud.operatorKey,
    // At level microvm each tenant that is at work has processes of its own.
    concurrency: level === 'microvm' ? 3 : 4,
    asksTwice: true,
    ...named,
    say,
  });
  await cloud.close();
  isGood &&= held === asked && asked > 0;
  const later = heldLater > 0 ? `, ${heldLater} of them when asked again alone` : '';
  summary.push(`cloud conformance (${level}): ${held} of ${asked}${later}`);
};

const mutation = async (assembly: Assembly): Promise<void> => {
  const startedAt = performance.now();
  const { template, folder: assemblyFolder } = assembly;
  const { noticed, asked, equal, survivors } = await runMutation({
    template,
    assemblyFolder,
    // Most of a mutant's time goes by while something starts.
    concurrency: 3,
    ...named,
    say,
  });
  isGood &&= survivors.length === 0 && asked > 0;
  const s = Math.round((performance.now() - startedAt) / 1_000);
  summary.push(`cloud mutation: ${noticed} of ${asked} noticed, ${equal} equal (${s} s)`);
};

const faults = async (assembly: Assembly): Promise<void> => {
  const startedAt = performance.now();
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  say(`faults with seed ${seed} ...`);
  const {
    instances,
    broken,
    faults: counts,
    repeatedEffects,
    slowestMs,
    deadLetters,
  } = await runFaults({
    template: assembly.template,
    assemblyFolder: assembly.folder,
    seed,
    instances: Number(values.instances),
    say,
  });
  isGood &&= broken.length === 0;
  for (const [kind, count] of [...counts].toSorted()) say(`  ${String(count).padStart(6)}  ${kind}`);
  const s = Math.round((performance.now() - startedAt) / 1_000);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  summary.push(
    `cloud faults (seed ${seed}): ${instances - new Set(broken).size} of ${instances} instances came to what they must, through ${total} faults; ` +
      `${repeatedEffects} effects repeated by a new attempt, ${deadLetters} dead letters, slowest ${Math.round(slowestMs / 1_000)} s (${s} s)`,
  );
};

for (const level of LEVELS) {
  const isConformance = isAsked('conformance') && (values.level ?? level) === level;
  const isMutation = isAsked('mutation') && level === 'isolate';
  const isFaults = isAsked('faults') && level === 'isolate';
  if (!isConformance && !isMutation && !isFaults) continue;
  const assembly = synthesize(level);
  try {
    if (isConformance) await conformance(level, assembly);
    if (isMutation) await mutation(assembly);
    if (isFaults) await faults(assembly);
  } finally {
    assembly.remove();
  }
}
for (const line of summary) console.log(line);
// A process that a behaviour left behind may hold a pipe open: nothing is waited for that has nothing to say any more.
process.exit(isGood ? 0 : 1);

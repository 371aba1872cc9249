import { API_LEVEL } from '../../lib/core/limits.ts';
import { CATALOGUE, readGolden, readInput, readText, titleOf } from '../examples/catalogue.ts';
import { ReplayBench } from '../examples/replay-bench.ts';
import { recordFolder } from './paused-instances.ts';
import { writeRelease } from './releases.ts';

/** `npm run compat:record -- 0.2.0`: keeps for ever what this release runs and stores. Done once, with the release. */
const [release] = process.argv.slice(2);
if (release === undefined || !/^\d+\.\d+\.\d+$/.test(release)) throw new Error('usage: compat:record -- <release>');

const bench = new ReplayBench();
const cases = await Promise.all(
  CATALOGUE.map(async (example) => ({
    title: titleOf(example),
    workflow: example.workflow,
    apiLevel: API_LEVEL,
    input: readInput(example),
    code: (await bench.compile(readText(example.source))).code,
    journal: readGolden(example),
  })),
);
await bench.close();
writeRelease(release, cases, await recordFolder());
console.log(`recorded ${cases.length} cases and a data folder of ${release}`);

import { parseArgs } from 'node:util';
import { Ledger } from './ledger.ts';
import { type Behaviour, behaviours, NotHere } from './registry.ts';
import { OwnServer } from './server.ts';
import './all-behaviours.ts';
import { World } from './world.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    only: { type: 'string' },
    concurrency: { type: 'string', default: '8' },
  },
});

const ledger = new Ledger();
await ledger.listen();
const own = values.url === undefined ? new OwnServer() : undefined;
await own?.start();

const url = values.url ?? own?.url ?? '';
const operatorKey = values.key ?? own?.operatorKey ?? process.env.TENON_OPERATOR_KEY ?? '';
const chosen = behaviours().filter(({ name }) => values.only === undefined || name.includes(values.only));
const queue = [...chosen];
let held = 0;
let skipped = 0;

const check = async ({ name, check: run }: Behaviour): Promise<void> => {
  const world = new World({ url, operatorKey, ledger, canOwnServer: own !== undefined });
  try {
    await run(world);
    held += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    if (error instanceof NotHere) {
      skipped += 1;
      console.log(`skip  ${name} (${error.message})`);
      return;
    }
    console.log(
      `FAIL  ${name}\n      ${String(error instanceof Error ? error.message : error).replaceAll('\n', '\n      ')}`,
    );
  } finally {
    await world.close();
  }
};

const worker = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await check(next);
};
await Promise.all(Array.from({ length: Number(values.concurrency) }, worker));

await own?.remove();
await ledger.close();
const asked = chosen.length - skipped;
console.log(
  `conformance: ${held} of ${asked} behaviours hold${skipped > 0 ? `, ${skipped} could not be asked here` : ''}`,
);
process.exitCode = held === asked && asked > 0 ? 0 : 1;

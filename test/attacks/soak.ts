import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Ledger } from '../conformance/ledger.ts';
import { OwnServer } from '../conformance/server.ts';
import { pause, World, workflow } from '../conformance/world.ts';
import { childrenOf, figuresOf, hasFigures } from '../e2e/process-figures.ts';
import { Chance } from '../simulation/chance.ts';
import './cpu.ts';
import './disk.ts';
import './memory.ts';
import './escape.ts';
import { HonestTenant } from './honest-tenant.ts';
import { type HostileTurn, hostileTurns } from './hostile-turns.ts';

/**
 * `npm run soak -- --minutes 10 [--seed 1]`: twenty tenants that attack at random, five honest ones beside them. No instance
 * of those may get lost or be wrong, and what the service holds must not grow: it is looked at, at rest, before the first
 * attack, half-way, and at the end.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const HOSTILE = 20;
const HONEST = 5;
const REST_MS = 45_000;
const GROWTH = 1.1;

interface Holdings {
  readonly mb: number;
  readonly processes: number;
  readonly files: number;
}

const holdingsOf = (pid: number): Holdings => {
  const pids = [pid, ...childrenOf(pid)];
  const mb = pids.reduce((sum, one) => sum + figuresOf(one).rssMb, 0);
  return { mb: Math.round(mb), processes: pids.length, files: readdirSync(`/proc/${pid}/fd`).length };
};

const sourceOf = ({ body, before = '' }: HostileTurn): string => workflow(body, before);

const attackUntil = async (world: World, chance: Chance, isOver: () => boolean, count: () => void): Promise<void> => {
  let tenant = await world.tenant({ limits: { cpuMs: 1_000, memoryMb: 64 } });
  while (!isOver()) {
    const hostile = chance.pick(hostileTurns());
    const bundle = await tenant.upload(sourceOf(hostile)).catch(() => undefined);
    if (bundle === undefined) {
      // Suspended, most likely: somebody of that kind comes again.
      tenant = await world.tenant({ limits: { cpuMs: 1_000, memoryMb: 64 } });
      continue;
    }
    for (let left = chance.between(1, 3); left > 0; left--) {
      const json = { ...(hostile.params !== undefined && { params: hostile.params }), retention: '10 seconds' };
      await tenant.api.call('POST', `${tenant.instances()}?wait=2`, { json });
      count();
    }
    await pause(chance.between(0, 500));
  }
};

assert.ok(hasFigures(), 'what processes hold is read from /proc, which only Linux has');
const server = new OwnServer();
await server.start();
const ledger = new Ledger();
await ledger.listen();
const world = new World({ url: server.url, operatorKey: server.operatorKey, ledger, canOwnServer: false });
const honest = await Promise.all(Array.from({ length: HONEST }, () => HonestTenant.arrive(world)));
let isOver = false;
let problem: unknown;
const living = honest.map((tenant) =>
  tenant
    .liveUntil(() => isOver)
    .catch((error: unknown) => {
      problem ??= error;
    }),
);
let attacked = 0;
const holdings: Holdings[] = [];

const rest = async (name: string): Promise<void> => {
  await pause(REST_MS);
  const held = holdingsOf(server.pid);
  holdings.push(held);
  console.log(`${name}: ${held.mb} MB, ${held.processes} processes, ${held.files} files open; ${attacked} attacks`);
};
const attackFor = async (ms: number, phase: number): Promise<void> => {
  const until = Date.now() + ms;
  const attackers = Array.from({ length: HOSTILE }, (_, index) =>
    attackUntil(
      world,
      new Chance(`${values.seed}/${phase}/${index}`),
      () => Date.now() > until,
      () => {
        attacked += 1;
      },
    ),
  );
  await Promise.all(attackers);
};

const phaseMs = (Number(values.minutes) * 60_000) / 2;
await rest('before');
await attackFor(phaseMs, 1);
await rest('half-way');
await attackFor(phaseMs, 2);
await rest('at the end');
isOver = true;
await Promise.all(living);
await ledger.close();
await server.remove();

const completed = honest.reduce((sum, tenant) => sum + tenant.completed, 0);
const slowest = Math.max(...honest.map((tenant) => tenant.slowestMs));
const [, half, end] = holdings;
assert.ok(half !== undefined && end !== undefined);
const growth = end.mb / half.mb;
const isFlat = growth <= GROWTH && end.processes <= half.processes && end.files <= half.files + 5;
if (problem !== undefined) console.error(problem);
console.log(
  `soak: ${attacked} attacks by ${HOSTILE} tenants in ${values.minutes} min; ${completed} honest instances completed, ${problem === undefined ? 'none' : 'one or more'} lost or wrong, the slowest in ${(slowest / 1_000).toFixed(1)} s; memory ${((growth - 1) * 100).toFixed(1)} % from half-way to the end, ${isFlat ? 'nothing' : 'something'} leaked`,
);
process.exitCode = problem === undefined && isFlat ? 0 : 1;
process.exit();

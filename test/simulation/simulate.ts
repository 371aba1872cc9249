import { HOUR_MS } from '../../lib/core/limits.ts';
import { Chance } from './chance.ts';
import { Client } from './client.ts';
import { drawPlan, findWorkflow, type Plan, VERSIONS, WORKFLOWS } from './plans.ts';
import { CLEAR, drawWeather, type Weather } from './weather.ts';
import { World } from './world.ts';

export interface Outcome {
  /** `undefined`: every predicate held, and everything came to its end. */
  readonly problem: string | undefined;
  readonly tasks: number;
  readonly instances: number;
  readonly outputs: readonly unknown[];
}

type Trace = (line: string) => void;

/** No workflow sleeps as long as this in all; a wake-up that got lost lasts longer. */
const PATIENCE_MS = 12 * HOUR_MS;
const MAX_TASKS = 150_000;

const makeWorld = (seed: string, weather: Weather, trace: Trace | undefined): World => {
  const world = new World({ seed, weather, findWorkflow });
  for (const tenant of ['acme', 'globex']) {
    world.platform.addTenant(tenant);
    for (const version of [...VERSIONS].reverse()) world.platform.addVersion(tenant, version, WORKFLOWS);
  }
  if (trace !== undefined) {
    const start = world.scheduler.now;
    world.scheduler.trace = (line) => trace(`${(world.scheduler.now - start).toFixed(3).padStart(12)} ${line}`);
  }
  return world;
};

const liveThrough = async (
  world: World,
  clients: readonly Client[],
  params: { readonly meddlings: (client: Client) => number; readonly startWithin: number; readonly pollMs: number },
  chance: Chance,
): Promise<Outcome> => {
  const broken: string[] = [];
  for (const client of clients) {
    const meddlings = params.meddlings(client);
    world.scheduler.after(chance.below(params.startWithin), undefined, `client of ${client.key.id}`, () => {
      client.live({ meddlings, pollMs: params.pollMs }).catch((error: unknown) => {
        world.observer.report(`a client failed: ${(error as Error).stack}`);
      });
    });
  }
  const end = await world.run({
    forMs: PATIENCE_MS,
    maxTasks: MAX_TASKS,
    isDone: () => clients.every(({ isDone }) => isDone),
  });
  if (world.observer.problem === undefined && end !== 'done') {
    const left = clients.filter(({ isDone }) => !isDone).map(({ key }) => key.id);
    broken.push(`liveness: ${left.join(', ')} did not finish (${end})`);
  }
  if (broken.length === 0 && world.observer.problem === undefined) await world.observer.checkEnd(world.disasters);
  return {
    problem: world.observer.problem ?? broken[0],
    tasks: world.scheduler.tasks,
    instances: clients.length,
    outputs: clients.map(({ output }) => output),
  };
};

/** One simulation, all of it drawn from the seed: the same seed gives the same one. */
export const simulateSeed = async (seed: number, trace?: Trace): Promise<Outcome> => {
  const chance = new Chance(`${seed}/plan`);
  const weather = drawWeather(new Chance(`${seed}/weather`));
  const world = makeWorld(`${seed}`, weather, trace);
  const count = chance.is(0.1) ? chance.between(8, 20) : chance.between(1, 4);
  const clients = Array.from({ length: count }, (_, index) => {
    // Now and then one id in two tenants and two workflows: three instances all the same.
    const plan = drawPlan(chance);
    const isShared = chance.is(0.3) && index === 1;
    return new Client(world, plan, isShared ? 'i0' : `i${index}`, new Chance(`${seed}/client${index}`));
  });
  const names = new Set(clients.map(({ key }) => `${key.tenant}/${key.workflow}/${key.id}`));
  const own = clients.filter(({ key }) => names.delete(`${key.tenant}/${key.workflow}/${key.id}`));
  const isMeddled = chance.is(0.5);
  return liveThrough(
    world,
    own,
    {
      meddlings: () => (isMeddled && chance.is(0.6) ? chance.between(1, 4) : 0),
      startWithin: chance.pick([1, 1_000, 30_000]),
      pollMs: chance.pick([200, 3_000, 20_000]),
    },
    chance,
  );
};

/** One instance in the given weather. `beside`: what somebody else does meanwhile, in virtual time. */
export const simulatePlan = (
  plan: Plan,
  changes: Partial<Weather> = {},
  beside: (world: World, client: Client) => Promise<void> = async () => {},
): Promise<Outcome> => {
  const world = makeWorld('plan', { ...CLEAR, ...changes }, undefined);
  const client = new Client(world, plan, 'one', new Chance('client'));
  beside(world, client).catch((error: unknown) => world.observer.report(`beside: ${(error as Error).stack}`));
  return liveThrough(world, [client], { meddlings: () => 0, startWithin: 0, pollMs: 5_000 }, new Chance('plan'));
};

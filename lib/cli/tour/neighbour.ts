import { lengthText } from '../../client/wording.ts';
import { type Stage, timed } from './acts.ts';
import { TourTenant } from './tour-tenant.ts';

const GREETINGS = 20;
const NOISES = 4;
/** Of processor time for each of the noisy tenant's turns. */
const CPU_MS = 1_500;

/** One tenant burns all the time it can get, while another goes on with its work. */
export const neighbour = async (stage: Stage, acme: TourTenant): Promise<void> => {
  const { server, operator, narrator, terminal } = stage;
  narrator.act('5. A noisy neighbour moves in');
  const globex = await TourTenant.make(operator, server.url, { id: 'globex', limits: { cpuMs: CPU_MS } });
  await globex.deploy('noise.ts', terminal);
  await greet(acme);
  const alone = await greet(acme);
  await narrator.say(`acme alone: ${GREETINGS} instances one after another, ${figuresText(alone)} each.`);
  const noises: string[] = [];
  for (let index = 0; index < NOISES; index++) noises.push(await globex.create('Noise', {}));
  const beside = await greet(acme);
  await narrator.say(
    `"globex" has started ${NOISES} instances that loop for ever. acme beside them: ${figuresText(beside)} each, all ${GREETINGS} complete.`,
  );
  const { ms, value } = await timed(() => Promise.all(noises.map((id) => globex.read('Noise', id, 20))));
  const [error] = value.flatMap((noise) => noise.error ?? []);
  await narrator.say(
    `globex's instances are ${[...new Set(value.map(({ status }) => status))].join(' and ')} ${lengthText(ms)} later: "${error?.message ?? ''}". Its limit was ${lengthText(CPU_MS)} of processor time a turn.`,
  );
};

/** How long each took from the call to its output, ms, shortest first. */
const greet = async (acme: TourTenant): Promise<readonly number[]> => {
  const taken: number[] = [];
  for (let index = 0; index < GREETINGS; index++) {
    const { ms, value } = await timed(async () => {
      const id = await acme.create('Greeting', { params: { name: 'Ada' } }, 20);
      return acme.read('Greeting', id);
    });
    if (value.status !== 'complete') throw new Error(`a greeting is ${value.status}`);
    taken.push(ms);
  }
  return taken.sort((a, b) => a - b);
};

const figuresText = (taken: readonly number[]): string =>
  `${lengthText(taken[Math.floor(taken.length / 2)] ?? 0)} in the middle and ${lengthText(taken.at(-1) ?? 0)} at most`;

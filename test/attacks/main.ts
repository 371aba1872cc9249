import { parseArgs } from 'node:util';
import { OwnServer } from '../conformance/server.ts';
import { type Outcome, runAttacks } from './run.ts';

/** `npm run attacks [-- --only memory] [--url <url> --key <operator key>]`: every attack of the list, and what came of it. */
const { values } = parseArgs({
  options: { url: { type: 'string' }, key: { type: 'string' }, only: { type: 'string' } },
});

const line = (cells: readonly string[]): string => {
  const [mark = '', fear = '', name = '', worst = '', end = ''] = cells;
  return `${mark.padEnd(9)} ${fear.padEnd(8)} ${name.padEnd(62)} ${worst.padStart(9)}  ${end}`;
};
const show = ({ attack, isContained, end, worstMs }: Outcome): void => {
  const mark = isContained ? 'contained' : 'NOT';
  console.log(line([mark, attack.fear, attack.name, `${worstMs.toFixed(0)} ms`, end.replaceAll(/\s+/g, ' ')]));
};

const own = values.url === undefined ? new OwnServer() : undefined;
await own?.start();
console.log(line(['outcome', 'fear', 'attack', 'others', 'how it ended']));
const { outcomes, quietInstances } = await runAttacks({
  url: values.url ?? own?.url ?? '',
  operatorKey: values.key ?? own?.operatorKey ?? process.env.TENON_OPERATOR_KEY ?? '',
  ...(values.only !== undefined && { only: values.only }),
  onOutcome: show,
});
await own?.remove();
const contained = outcomes.filter(({ isContained }) => isContained).length;
const worst = Math.max(0, ...outcomes.map(({ worstMs }) => worstMs));
console.log(
  `attacks: ${contained} of ${outcomes.length} contained; the quiet tenant completed ${quietInstances} of ${quietInstances} instances beside them, the slowest in ${worst.toFixed(0)} ms`,
);
process.exitCode = contained === outcomes.length && outcomes.length > 0 ? 0 : 1;

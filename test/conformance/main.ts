import { parseArgs } from 'node:util';
import { runConformance } from './run.ts';
import { OwnServer } from './server.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    only: { type: 'string' },
    concurrency: { type: 'string', default: '8' },
  },
});

const own = values.url === undefined ? new OwnServer() : undefined;
await own?.start();
const { held, asked, skipped } = await runConformance({
  url: values.url ?? own?.url ?? '',
  operatorKey: values.key ?? own?.operatorKey ?? process.env.TENON_OPERATOR_KEY ?? '',
  concurrency: Number(values.concurrency),
  canOwnServer: own !== undefined,
  ...(values.only !== undefined && { only: values.only }),
  say: (line) => console.log(line),
});
await own?.remove();
console.log(
  `conformance: ${held} of ${asked} behaviours hold${skipped > 0 ? `, ${skipped} could not be asked here` : ''}`,
);
process.exitCode = held === asked && asked > 0 ? 0 : 1;

// DBOS is a library: this puts one HTTP call in front of it, answered when the instance is complete, so that the caller's
// part is that of the other systems. Started by the benchmark: node server.ts <database url>
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { DBOS } from '@dbos-inc/dbos-sdk';

type Input = { start: number; steps: number };

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.argv[2] ?? '',
  logLevel: 'error',
  runAdminServer: false,
});

const tenSteps = DBOS.registerWorkflow(
  async (input: Input) => {
    let total = input.start;
    for (let index = 0; index < input.steps; index++) {
      const before = total;
      total = await DBOS.runStep(async () => before + index, { name: `step-${index}` });
    }
    return { total };
  },
  { name: 'tenSteps' },
);

await DBOS.launch();

const server = createServer(async (request, response) => {
  try {
    const handle = await DBOS.startWorkflow(tenSteps)(JSON.parse(await text(request)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await handle.getResult()));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`listening http://127.0.0.1:${address.port}`);
});

// The service that Restate calls back: started by the benchmark in the folder where the packages are installed.
import { createServer } from 'node:http2';
import { type Context, endpoint, service } from '@restatedev/restate-sdk';

const tenSteps = service({
  name: 'TenSteps',
  handlers: {
    async start(context: Context, input: { start: number; steps: number }) {
      let total = input.start;
      for (let index = 0; index < input.steps; index++) {
        const before = total;
        total = await context.run(`step-${index}`, async () => before + index);
      }
      return { total };
    },
  },
});

const server = createServer(endpoint().bind(tenSteps).http2Handler());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`listening http://127.0.0.1:${address.port}`);
});

import { afterAll, beforeAll, describe, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { behaviours, NotHere } from './registry.ts';
import { OwnServer } from './server.ts';
import './all-behaviours.ts';
import { World } from './world.ts';

/** The same registry as `npm run conformance`, against a server of its own. */
const ledger = new Ledger();
const server = new OwnServer();

beforeAll(async () => {
  await ledger.listen();
  await server.start();
}, 60_000);

afterAll(async () => {
  await server.remove();
  await ledger.close();
});

describe.concurrent('the embedded server', () => {
  for (const { name, check } of behaviours()) {
    // The next minute may be a minute away.
    test(name, { timeout: 120_000 }, async (context) => {
      const world = new World({ url: server.url, operatorKey: server.operatorKey, ledger, canOwnServer: true });
      try {
        await check(world);
      } catch (error) {
        if (error instanceof NotHere) context.skip(error.message);
        throw error;
      } finally {
        await world.close();
      }
    });
  }
});

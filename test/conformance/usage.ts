import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { pause, workflow } from './world.ts';

/** Where many processes count, each writes down what it has every ten seconds while it is asked for something. */
const WRITTEN_WITHIN_MS = 60_000;

behaviour('usage: instances, steps, CPU time, bytes and requests of a tenant, with their price', async (world) => {
  const tenant = await world.deployed(
    workflow(`
      for (let i = 0; i < 3; i++) await step.do('s', async () => {
        const until = Date.now() + 40;
        while (Date.now() < until);
        return 'x'.repeat(1_000);
      });
      return 'done';`),
  );
  const until = Date.now() + WRITTEN_WITHIN_MS;
  let made = 0;
  for (;;) {
    assert.equal(await (await tenant.create()).completed(), 'done');
    made += 1;
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/usage`);
    const { units, price } = body.total;
    if (units.instances >= 1 && units.steps >= 3 && units.cpuMs >= 30 && units.bytes >= 3_000 && units.requests >= 1) {
      assert.ok(price > 0);
      assert.ok(units.instances <= made && units.steps <= 3 * made, 'nothing is counted twice');
      const [flow] = body.workflows;
      assert.deepEqual([flow.units.instances, flow.units.steps], [units.instances, units.steps]);
      assert.equal(body.days.length >= 1, true);
      return;
    }
    assert.ok(Date.now() < until, `not counted: ${JSON.stringify(units)}`);
    await pause(500);
  }
});

behaviour('usage: another tenant’s is as unknown as a tenant that does not exist', async (world) => {
  const [one, other] = [await world.tenant(), await world.tenant()];
  const refused = await one.api.expect(404, 'GET', `${other.path}/usage`);
  assert.equal(refused.body.code, 'tenant.not_found');
});

import assert from 'node:assert/strict';
import { behaviour, NotHere } from './registry.ts';
import { eventually, stepOf, workflow } from './world.ts';

const MIB = 1_048_576;
/** A JSON text of that many bytes, quotes included. */
const jsonText = (bytes: number): string => 'x'.repeat(bytes - 2);

behaviour('limits: a step result of exactly 1 MiB of JSON text is allowed', async (world) => {
  const detail = await world.run(`return (await step.do('big', async () => 'x'.repeat(${MIB - 2}))).length;`);
  assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
  assert.equal(detail.output, MIB - 2);
});

behaviour('limits: one byte more is refused with its text, and not retried', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('big', async () => { await note('ran'); return 'x'.repeat(${MIB - 1}); });`),
  );
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.status, 'errored');
  assert.equal(detail.error.message, 'Step "big-1" output is too large. Maximum allowed size is 1MiB.');
  assert.equal(tenant.count('ran'), 1);
  assert.equal(stepOf(detail, 'big').attempts.length, 1);
});

behaviour('limits: the refusal names the count of the step', async (world) => {
  const error = await world.error(
    `await step.do('big', async () => 1); await step.do('big', async () => 'x'.repeat(${MIB}));`,
  );
  assert.equal(error.message, 'Step "big-2" output is too large. Maximum allowed size is 1MiB.');
});

behaviour('limits: a step result is measured in bytes of UTF-8, not in characters', async (world) => {
  const error = await world.error("await step.do('big', async () => 'ü'.repeat(600000));");
  assert.match(error.message, /output is too large/);
});

behaviour('limits: byte arrays count by their length', async (world) => {
  const body = `const whole = await step.do('fits', async () => new Uint8Array(${MIB}));
    try { await step.do('big', async () => new Uint8Array(${MIB + 1})); } catch (error) { return [whole.length, error.message]; }`;
  assert.deepEqual(await world.output(body), [MIB, 'Step "big-1" output is too large. Maximum allowed size is 1MiB.']);
});

behaviour('limits: params of exactly 1 MiB are allowed, one byte more is 413 payload.too_large', async (world) => {
  const tenant = await world.deployed(workflow('return event.payload.length;'));
  assert.equal(await (await tenant.create(jsonText(MIB))).completed(), MIB - 2);
  await tenant.api.refused(413, 'payload.too_large', 'POST', tenant.instances(), {
    json: { id: 'big', params: jsonText(MIB + 1) },
  });
  await tenant.api.refused(404, 'instance.not_found', 'GET', `${tenant.instances()}/big`);
});

behaviour(
  'limits: an event payload of exactly 1 MiB is allowed, one byte more is 413 payload.too_large',
  async (world) => {
    const tenant = await world.deployed(
      workflow("return (await step.waitForEvent('w', { type: 'e' })).payload.length;"),
    );
    const instance = await tenant.create();
    await instance.waiting();
    await tenant.api.refused(413, 'payload.too_large', 'POST', `${instance.path}/events/e`, {
      json: jsonText(MIB + 1),
    });
    await instance.send('e', jsonText(MIB));
    assert.equal(await instance.completed(), MIB - 2);
  },
);

behaviour("limits: the tenant's step limit ends the instance with its text; only do counts", async (world) => {
  const tenant = await world.deployed(
    workflow(`for (let i = 0; i < 5; i++) { await step.do('s', async () => note('s')); await step.sleep('n', 1); }
    await step.do('one too many', async () => note('too many'));`),
    { limits: { steps: 5 } },
  );
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.status, 'errored');
  assert.equal(detail.error.message, 'The limit of 5 steps has been reached.');
  assert.equal(tenant.count('s'), 5);
  assert.equal(tenant.count('too many'), 0);
});

behaviour('limits: exactly as many steps as the limit are allowed', async (world) => {
  const tenant = await world.deployed(
    workflow("for (let i = 0; i < 5; i++) await step.do('s', async () => i); return 'through';"),
    {
      limits: { steps: 5 },
    },
  );
  assert.equal(await (await tenant.create()).completed(), 'through');
});

behaviour("limits: a workflow's own step limit holds too", async (world) => {
  const tenant = await world.deployed(workflow("for (let i = 0; i < 4; i++) await step.do('s', async () => i);"));
  await tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, { json: { limits: { steps: 3 } } });
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.error?.message, 'The limit of 3 steps has been reached.');
});

behaviour("limits: a workflow's step limit is within its tenant's, whichever was set first", async (world) => {
  const tenant = await world.deployed(workflow("for (let i = 0; i < 9; i++) await step.do('s', async () => i);"), {
    limits: { steps: 5 },
  });
  const path = `${tenant.path}/workflows/W`;
  const set = (steps: number) => tenant.api.call('PATCH', path, { json: { limits: { steps } } });
  const refused = await set(6);
  assert.deepEqual(
    [refused.status, refused.body.code, refused.body.errors[0].path],
    [422, 'request.invalid', 'limits.steps'],
  );
  assert.match(refused.body.errors[0].message, /at most 5/);
  assert.deepEqual((await set(4)).body.limits, { steps: 4 });
  await world.operator.expect(200, 'PATCH', tenant.path, { json: { limits: { steps: 2 } } });
  assert.deepEqual((await tenant.api.expect(200, 'GET', path)).body.limits, { steps: 2 });
  const { error } = await (await tenant.create()).finished();
  assert.equal(error.message, 'The limit of 2 steps has been reached.');
  // What was set stands, for when there is room for it again.
  await world.operator.expect(200, 'PATCH', tenant.path, { json: { limits: { steps: 8 } } });
  assert.deepEqual((await tenant.api.expect(200, 'GET', path)).body.limits, { steps: 4 });
});

behaviour('limits: a step limit above 25,000 is 422', async (world) => {
  const tenant = await world.tenant();
  await world.operator.refused(422, 'request.invalid', 'PATCH', tenant.path, { json: { limits: { steps: 25_001 } } });
});

behaviour('limits: a journal holds four times as many records as the step limit, sleeps included', async (world) => {
  const tenant = await world.deployed(
    workflow("for (let i = 0; i < 200; i++) await step.sleep('n', 0); return 'through';"),
    {
      limits: { steps: 5 },
    },
  );
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.status, 'errored');
  assert.match(detail.error.message, /limit of 20 /);
});

behaviour('limits: a step that waits for nothing settles even when thousands run in parallel', async (world) => {
  const body =
    "const all = await Promise.all(Array.from({ length: 2000 }, (_, i) => step.do('s' + i, async () => i))); return all.length;";
  assert.equal(await world.output(body), 2000);
});

behaviour(
  'limits: more creations in a second than the tenant may is 429 rate.limited with Retry-After',
  async (world) => {
    const tenant = await world.deployed(workflow('return 1;'), { limits: { createPerSecond: 3 } });
    const answer = await eventually('a refusal', async () => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => tenant.api.call('POST', tenant.instances(), { json: {} })),
      );
      for (const { status } of answers) assert.ok(status === 201 || status === 429, `${status}`);
      return answers.find(({ status }) => status === 429);
    });
    assert.equal(answer.body.code, 'rate.limited');
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  },
);

behaviour('limits: a timeout of 15 minutes is taken everywhere', async (world) => {
  assert.equal(await world.output("return step.do('a', { timeout: '15 minutes' }, async () => 7);"), 7);
});

behaviour('limits: where attempts have a bound, a longer timeout is refused at the call', async (world) => {
  const tenant = await world.deployed(workflow("return step.do('a', { timeout: '16 minutes' }, () => note('ran'));"));
  const detail = await (await tenant.create()).finished();
  if (detail.status === 'complete') throw new NotHere('an attempt may last as long as its timeout here');
  assert.match(
    detail.error.message,
    /^Step "a": timeout is longer than .* env\.SANDBOX, .* ctx\.defer\(\{ timeout \}\)/,
  );
  assert.equal(tenant.count('ran'), 0);
});

behaviour('egress: a tenant without it reaches nobody, and the error can be caught', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `try { await step.do('a', { retries: { limit: 0, delay: 1 } }, async () => note('call')); } catch (error) { return error.name; } return 'through';`,
    ),
    { egress: 'none' },
  );
  assert.notEqual(await (await tenant.create()).completed(), 'through');
  assert.equal(tenant.count('call'), 0);
});

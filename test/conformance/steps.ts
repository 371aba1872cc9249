import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { msBetween, stepOf, workflow } from './world.ts';

behaviour(
  'event: payload, timestamp, instanceId and workflowName are what the instance was created with',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`const { payload, timestamp, instanceId, workflowName } = event;
    return { payload, isDate: timestamp instanceof Date, at: timestamp.toISOString(), instanceId, workflowName };`),
    );
    const instance = await tenant.create({ a: [1, { b: 2 }] }, { id: 'with-event' });
    const detail = await instance.finished();
    assert.deepEqual(detail.output, {
      payload: { a: [1, { b: 2 }] },
      isDate: true,
      at: detail.createdAt,
      instanceId: 'with-event',
      workflowName: 'W',
    });
  },
);

behaviour('event: absent params give payload {}', async (world) => {
  assert.deepEqual(await world.output('return event.payload;'), {});
});

behaviour('event: null params are null', async (world) => {
  assert.deepEqual(await world.output('return { payload: event.payload };', null), { payload: null });
});

behaviour('event: is read-only, payload included', async (world) => {
  const body = `
    try { event.payload.a.b = 2; } catch {}
    try { event.instanceId = 'other'; } catch {}
    return { b: event.payload.a.b, isOther: event.instanceId === 'other' };`;
  assert.deepEqual(await world.output(body, { a: { b: 1 } }), { b: 1, isOther: false });
});

behaviour('event: has no schedule where none started the instance', async (world) => {
  assert.equal(await world.output('return event.schedule === undefined;'), true);
});

behaviour('entry: this.env and this.ctx are there, as in Workers', async (world) => {
  const body = 'return [typeof this.env, typeof this.ctx, typeof this.ctx.waitUntil];';
  assert.deepEqual(await world.output(body), ['object', 'object', 'function']);
});

behaviour('entry: what run returns is the output', async (world) => {
  assert.deepEqual(await world.output('return { deep: [1, "two", null, true] };'), { deep: [1, 'two', null, true] });
});

behaviour('entry: an output of undefined is absent', async (world) => {
  const detail = await world.run('await step.do("a", async () => 1);');
  assert.equal(detail.status, 'complete');
  assert.ok(!('output' in detail) || detail.output === undefined);
});

behaviour('step.do: gives what the callback returns', async (world) => {
  assert.deepEqual(await world.output('return step.do("a", async () => ({ x: [1, 2] }));'), { x: [1, 2] });
});

behaviour('step.do: a callback may be synchronous', async (world) => {
  assert.equal(await world.output('return step.do("a", () => 7);'), 7);
});

behaviour('step.do: config may stand before the callback', async (world) => {
  const body = 'return step.do("a", { retries: { limit: 1, delay: "1 second" }, timeout: "1 minute" }, async () => 7);';
  assert.equal(await world.output(body), 7);
});

behaviour('step.do: the callback gets ctx with step, attempt, config and signal', async (world) => {
  const body = `return step.do("a", async (ctx) => ({
    step: { ...ctx.step }, attempt: ctx.attempt, config: typeof ctx.config,
    signal: ctx.signal instanceof AbortSignal, aborted: ctx.signal.aborted }));`;
  assert.deepEqual(await world.output(body), {
    step: { name: 'a', count: 1 },
    attempt: 1,
    config: 'object',
    signal: true,
    aborted: false,
  });
});

behaviour('defaults: retries limit 5, delay 1000 ms, exponential; timeout 10 minutes', async (world) => {
  const output = (await world.output('return step.do("a", async ({ config }) => config);')) as {
    retries: unknown;
    timeout: unknown;
  };
  assert.deepEqual(output.retries, { limit: 5, delay: 1000, backoff: 'exponential' });
  assert.ok(output.timeout === 600_000 || output.timeout === '10 minutes', JSON.stringify(output.timeout));
});

behaviour('defaults: back-off is exponential where retries leave it out', async (world) => {
  const body = 'return step.do("a", { retries: { limit: 3, delay: 10 } }, async ({ config }) => config.retries);';
  assert.deepEqual(await world.output(body), { limit: 3, delay: 10, backoff: 'exponential' });
});

behaviour('step.do: count starts at 1 and follows the calls of that name', async (world) => {
  const body = `const seen = [];
    for (const name of ['a', 'b', 'a', 'a']) seen.push(await step.do(name, async ({ step }) => step.name + step.count));
    return seen;`;
  assert.deepEqual(await world.output(body), ['a1', 'b1', 'a2', 'a3']);
});

behaviour('step.do: steps without await run in parallel', async (world) => {
  const body = `const hold = (name) => step.do(name, async () => note(name, '?barrier=3'));
    return Promise.all([hold('a'), hold('b'), hold('c')]);`;
  assert.deepEqual(await world.output(body), ['1', '1', '1']);
});

behaviour('step.do: something that is no function is a fatal error that names the step', async (world) => {
  const error = await world.error('await step.do("charge", "not a function");');
  assert.match(error.message, /charge/);
});

for (const [what, name] of [
  ['an empty name', '""'],
  ['a control character', '"a\\u0007b"'],
  ['257 characters', '"n".repeat(257)'],
  ['a number', '12'],
] as const) {
  behaviour(`step names: ${what} is refused`, async (world) => {
    const error = await world.error(`await step.do(${name}, async () => 1);`);
    assert.match(error.message, /name/i);
  });
}

behaviour('step names: 256 characters are allowed, and so are spaces and signs', async (world) => {
  const body = `await step.do('n'.repeat(256), async () => 1);
    return step.do('a name: with "signs", ünïcode & 1/2', async ({ step }) => step.name);`;
  assert.equal(await world.output(body), 'a name: with "signs", ünïcode & 1/2');
});

for (const [field, config] of [
  ['retry', '{ retry: { limit: 1, delay: 1 } }'],
  ['max', '{ retries: { limit: 1, delay: 1, max: 3 } }'],
  ['retries', '{ retries: 5 }'],
  ['limit', '{ retries: { delay: 1 } }'],
  ['delay', '{ retries: { limit: 1 } }'],
  ['limit', '{ retries: { limit: -1, delay: 1 } }'],
  ['limit', '{ retries: { limit: 1.5, delay: 1 } }'],
  ['limit', '{ retries: { limit: "3", delay: 1 } }'],
  ['delay', '{ retries: { limit: 1, delay: "banana" } }'],
  ['backoff', '{ retries: { limit: 1, delay: 1, backoff: "quadratic" } }'],
  ['timeout', '{ timeout: 0 }'],
  ['timeout', '{ timeout: "soon" }'],
  ['timeout', '{ timeout: -5 }'],
  ['sensitive', '{ sensitive: true }'],
] as const) {
  behaviour(`config: ${config} is a fatal error that names the step and ${field}`, async (world) => {
    const tenant = await world.deployed(
      workflow(`await step.do("charge the card", ${config}, async () => note('ran'));`),
    );
    const detail = await (await tenant.create()).finished();
    assert.equal(detail.status, 'errored');
    assert.match(detail.error.message, /charge the card/);
    assert.ok(detail.error.message.includes(field), detail.error.message);
    assert.equal(tenant.count('ran'), 0);
  });
}

behaviour('config: retries.limit 0 and Infinity are allowed', async (world) => {
  const body = `await step.do("a", { retries: { limit: 0, delay: 1 } }, async () => 1);
    return step.do("b", { retries: { limit: Infinity, delay: 1 } }, async () => 2);`;
  assert.equal(await world.output(body), 2);
});

behaviour(
  'detail: steps in the order of their starts, with type, name, count, times, config and attempts',
  async (world) => {
    const detail = await world.run(`await step.do("first", { retries: { limit: 2, delay: 5 } }, async () => 'one');
    await step.sleep("second", 5);
    await step.do("first", async () => 'two');`);
    assert.deepEqual(
      detail.steps.map((step: { type: string; name: string; count: number }) => [step.type, step.name, step.count]),
      [
        ['step', 'first', 1],
        ['sleep', 'second', 1],
        ['step', 'first', 2],
      ],
    );
    const first = stepOf(detail, 'first');
    assert.equal(first.output, 'one');
    assert.equal(first.config.retries.limit, 2);
    assert.equal(first.attempts.length, 1);
    assert.equal(first.attempts[0].number, 1);
    assert.ok(msBetween(first.startedAt, first.endedAt) >= 0);
    assert.ok(msBetween(detail.steps[0].endedAt, detail.steps[1].startedAt) >= 0);
  },
);

behaviour('detail: stepCount counts the steps of do only', async (world) => {
  const detail = await world.run(
    'await step.do("a", async () => 1); await step.sleep("b", 1); await step.do("c", async () => 1);',
  );
  assert.equal(detail.stepCount, 2);
});

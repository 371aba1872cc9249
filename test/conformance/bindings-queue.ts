import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type TenantWorld, type World, workflow } from './world.ts';

/** A tenant whose workflow sends its payload, `{ body, options? }`, and gives the id; `handler` takes `batch` and `message`. */
const queueing = (world: World, handler: string): Promise<TenantWorld> => world.deployed(source(handler));

const source = (handler: string): string => `${workflow(
  "const { body, options } = event.payload; return (await step.do('send', () => this.env.QUEUE.send(body, options))).id;",
)}
export default { async queue(batch, env) { const [message] = batch.messages; ${handler} } };`;

const send = async (tenant: TenantWorld, body: unknown, options?: unknown) => {
  const payload = { body, ...(options === undefined ? {} : { options }) };
  const id = (await (await tenant.create(payload)).completed()) as string;
  return tenant.instance(id, '$queue');
};

behaviour('env.QUEUE: a message is handed to default.queue, with id, time and body', async (world) => {
  const tenant = await queueing(
    world,
    `const { id, timestamp, body, attempts } = message;
     await note(JSON.stringify([batch.queue, batch.messages.length, id, timestamp instanceof Date, body, attempts]));`,
  );
  const message = await send(tenant, { order: 7 });
  await message.completed();
  assert.deepEqual(
    tenant.noted.map((text) => JSON.parse(text)),
    [['default', 1, message.id, true, { order: 7 }, 1]],
  );
});

behaviour('env.QUEUE: a message whose handler throws comes again, until it is done', async (world) => {
  const tenant = await queueing(
    world,
    "await note('try ' + message.attempts); if (message.attempts < 3) throw new Error('not yet');",
  );
  await (await send(tenant, 1)).completed();
  assert.deepEqual(tenant.noted, ['try 1', 'try 2', 'try 3']);
});

behaviour('env.QUEUE: retry brings a message again when it says, and ack ends it whatever is thrown', async (world) => {
  const tenant = await queueing(
    world,
    `await note('try ' + message.attempts);
     if (message.attempts < 3) { batch.retryAll({ delaySeconds: 0 }); message.ack(); return; }
     message.ack(); throw new Error('too late');`,
  );
  const message = await send(tenant, 1);
  await message.completed();
  assert.deepEqual(tenant.noted, ['try 1', 'try 2', 'try 3']);
});

behaviour(
  'env.QUEUE: a message that is never done is dead after six deliveries, and is seen as that',
  async (world) => {
    const tenant = await queueing(
      world,
      "message.retry({ delaySeconds: 0 }); await note('try'); throw new Error('never');",
    );
    const { status, error } = await (await send(tenant, 1)).finished();
    assert.deepEqual([status, error.message], ['errored', 'The handler asked for another delivery each time']);
    assert.equal(tenant.count('try'), 6);
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.instances('$queue')}?status=errored`);
    assert.equal(body.instances.length, 1);
  },
);

behaviour('env.QUEUE: a NonRetryableError makes a message dead at once', async (world) => {
  const tenant = await queueing(world, "await note('try'); throw new NonRetryableError('no use');");
  const { status, error } = await (await send(tenant, 1)).finished();
  assert.deepEqual([status, error.name, error.message], ['errored', 'NonRetryableError', 'no use']);
  assert.equal(tenant.count('try'), 1);
});

behaviour('env.QUEUE: a delayed message waits first', async (world) => {
  const tenant = await queueing(world, "await note('handled');");
  const message = await send(tenant, 1, { delay: '1 hour' });
  await message.waiting('delay');
  assert.equal(tenant.count('handled'), 0);
});

behaviour('env.QUEUE: the version that sends a message handles it, whatever is active by then', async (world) => {
  const tenant = await queueing(world, "await note('first');");
  const message = await send(tenant, 1, { delay: 1_500 });
  await tenant.deploy(source("await note('second');"));
  await message.completed();
  await (await send(tenant, 2)).completed();
  assert.deepEqual(tenant.noted, ['first', 'second']);
});

behaviour(
  'env.QUEUE: a bundle that exports no default.queue cannot send, nor one send what is no message',
  async (world) => {
    const attempt = (code: string) =>
      world.output(
        `return step.do('send', { retries: { limit: 0, delay: 0 } }, () => this.env.QUEUE.${code}).catch((error) => error.message);`,
      );
    assert.match((await attempt('send(1)')) as string, /^QUEUE\.send: nobody would take the message/);
    assert.match((await attempt('send()')) as string, /^QUEUE\.send takes a message/);
    assert.match(
      (await attempt("send(1, { delay: 'soon' })")) as string,
      /^QUEUE\.send: delay: "soon" is not a duration/,
    );
    assert.match(
      (await attempt('send(1, { delaySeconds: 1 })')) as string,
      /^QUEUE\.send has no option "delaySeconds"/,
    );
    assert.match(
      (await attempt("send('x'.repeat(1_100_000))")) as string,
      /^QUEUE\.send: a message has at most 1048576 bytes/,
    );
  },
);

behaviour('env.QUEUE: a bundle of a queue alone is a version, and takes messages over HTTP', async (world) => {
  const tenant = await world.tenant();
  await tenant.deploy(
    "export default { async queue({ messages }) { if (messages[0].body.n !== 5) throw new Error('no'); } };",
  );
  await (await tenant.create({ body: { n: 5 } }, { workflow: '$queue' })).completed();
});

behaviour('env.QUEUE: env.WORKFLOWS stands for the only workflow beside a queue', async (world) => {
  const tenant =
    await world.deployed(`${workflow("return event.payload.n ?? (await step.do('c', async () => (await this.env.WORKFLOWS.create({ id: 'child', params: { n: 1 } })).id));")}
export default { async queue() {} };`);
  assert.equal(await (await tenant.create()).completed(), 'child');
  assert.equal(await tenant.instance('child').completed(), 1);
});

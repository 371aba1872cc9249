import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { msBetween, pause, stepOf, workflow } from './world.ts';

const HOUR = 3_600_000;

behaviour('waitForEvent: gives payload, timestamp and type', async (world) => {
  const tenant = await world.deployed(
    workflow(`const got = await step.waitForEvent('w', { type: 'approval' });
    return { payload: got.payload, isDate: got.timestamp instanceof Date, at: got.timestamp.getTime(), type: got.type };`),
  );
  const instance = await tenant.create();
  await instance.waiting();
  const sentAt = Date.now();
  await instance.send('approval', { ok: true });
  const output = (await instance.completed()) as { payload: unknown; isDate: boolean; at: number; type: string };
  assert.deepEqual(output.payload, { ok: true });
  assert.equal(output.isDate, true);
  assert.equal(output.type, 'approval');
  assert.ok(Math.abs(output.at - sentAt) < 5_000);
});

behaviour('waitForEvent: the status is waiting, for an event, with its type and its end', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.waitForEvent('my wait', { type: 'approval', timeout: '2 hours' });"),
  );
  const detail = await (await tenant.create()).waiting();
  assert.equal(detail.waitingFor.length, 1);
  const [wait] = detail.waitingFor;
  assert.deepEqual([wait.kind, wait.name, wait.eventType], ['event', 'my wait', 'approval']);
  assert.equal(msBetween(stepOf(detail, 'my wait', 'waitForEvent').startedAt, wait.until), 2 * HOUR);
});

behaviour('waitForEvent: waits 24 hours by default', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'approval' });"));
  const detail = await (await tenant.create()).waiting();
  assert.equal(msBetween(stepOf(detail, 'w').startedAt, detail.waitingFor[0].until), 24 * HOUR);
});

behaviour(
  'waitForEvent: a timeout throws WorkflowTimeoutError, which ends the instance where it is not caught',
  async (world) => {
    const error = await world.error("await step.waitForEvent('w', { type: 'never', timeout: 45 });");
    assert.equal(error.name, 'WorkflowTimeoutError');
    assert.equal(error.message, 'Execution timed out after 45ms');
  },
);

behaviour('waitForEvent: a timeout longer than a second is kept too, and named in ms', async (world) => {
  const error = await world.error("await step.waitForEvent('w', { type: 'never', timeout: '2 seconds' });");
  assert.equal(error.message, 'Execution timed out after 2000ms');
});

behaviour('events: one that comes before the wait is kept for it', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.waitForEvent('first', { type: 'start' });
    return (await step.waitForEvent('second', { type: 'early' })).payload;`),
  );
  const instance = await tenant.create();
  await instance.send('early', 'kept');
  await instance.send('start');
  assert.equal(await instance.completed(), 'kept');
});

behaviour('events: are matched by type only', async (world) => {
  const tenant = await world.deployed(
    workflow(`const b = await step.waitForEvent('whatever', { type: 'b' }); const a = await step.waitForEvent('b', { type: 'a' });
    return [b.payload, a.payload];`),
  );
  const instance = await tenant.create();
  await instance.send('a', 1);
  await instance.waiting('whatever');
  await instance.send('b', 2);
  assert.deepEqual(await instance.completed(), [2, 1]);
});

behaviour('events: one event goes to one wait', async (world) => {
  const tenant = await world.deployed(
    workflow(`const wait = (name) => step.waitForEvent(name, { type: 'e' }).then(({ payload }) => name + payload);
    return Promise.all([wait('a'), wait('b')]);`),
  );
  const instance = await tenant.create();
  await instance.waiting('b');
  await instance.send('e', 1);
  const detail = await instance.until('one wait left', ({ waitingFor }) => waitingFor?.length === 1);
  assert.equal(detail.waitingFor[0].name, 'b');
  await instance.send('e', 2);
  assert.deepEqual(await instance.completed(), ['a1', 'b2']);
});

behaviour('events: first in, first out', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.waitForEvent('start', { type: 'start' });
    const seen = []; for (let i = 0; i < 5; i++) seen.push((await step.waitForEvent('w', { type: 'e' })).payload); return seen;`),
  );
  const instance = await tenant.create();
  for (let i = 0; i < 5; i++) await instance.send('e', i);
  await instance.send('start');
  assert.deepEqual(await instance.completed(), [0, 1, 2, 3, 4]);
});

behaviour('anchor bug 1: a consumed event is not delivered again after a replay', async (world) => {
  const tenant = await world.deployed(
    workflow(`const first = await step.waitForEvent('first', { type: 'e' });
    await step.waitForEvent('between', { type: 'other' });
    const second = await step.waitForEvent('second', { type: 'e' });
    return [first.payload, second.payload];`),
  );
  const instance = await tenant.create();
  await instance.waiting('first');
  await instance.send('e', 'one');
  await instance.waiting('between');
  await instance.send('other');
  const detail = await instance.waiting('second');
  assert.equal(detail.status, 'waiting');
  await instance.send('e', 'two');
  assert.deepEqual(await instance.completed(), ['one', 'two']);
});

behaviour('anchor bug 2: thirty buffered events of one type keep their order across replays', async (world) => {
  const tenant = await world.deployed(
    workflow(`const seen = [];
    for (let i = 0; i < 30; i++) {
      seen.push((await step.waitForEvent('w', { type: 'e' })).payload);
      if (i % 10 === 4) await step.waitForEvent('replay ' + i, { type: 'replay' });
    }
    return seen;`),
  );
  const instance = await tenant.create();
  for (let i = 0; i < 30; i++) await instance.send('e', i);
  for (const i of [4, 14, 24]) {
    await instance.waiting(`replay ${i}`);
    await instance.send('replay');
  }
  assert.deepEqual(
    await instance.completed(),
    Array.from({ length: 30 }, (_, i) => i),
  );
});

behaviour('events: a hundred sent at once are all kept, each consumed once', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `let sum = 0; for (let i = 0; i < 100; i++) sum += (await step.waitForEvent('w', { type: 'e' })).payload; return sum;`,
    ),
  );
  const instance = await tenant.create();
  for (let i = 0; i < 100; i += 10) await Promise.all(Array.from({ length: 10 }, (_, j) => instance.send('e', i + j)));
  assert.equal(await instance.completed(), 4950);
});

behaviour('events: a wait that timed out takes nothing', async (world) => {
  const tenant = await world.deployed(
    workflow(`const first = await step.waitForEvent('short', { type: 'e', timeout: 50 }).catch((error) => error.name);
    await step.waitForEvent('between', { type: 'go' });
    return [first, (await step.waitForEvent('long', { type: 'e' })).payload];`),
  );
  const instance = await tenant.create();
  await instance.waiting('between');
  await instance.send('e', 'late');
  await instance.send('go');
  assert.deepEqual(await instance.completed(), ['WorkflowTimeoutError', 'late']);
});

behaviour('events: the deadline of a wait is fixed when it is first reached', async (world) => {
  const tenant = await world.deployed(
    workflow(`return Promise.all([
      step.waitForEvent('limited', { type: 'never', timeout: 8000 }).catch((error) => error.name),
      step.waitForEvent('other', { type: 'go' }).then(() => 'went')]);`),
  );
  const instance = await tenant.create();
  const { waitingFor } = await instance.waiting('limited');
  const until = waitingFor.find(({ name }: { name: string }) => name === 'limited').until;
  await pause(600);
  await instance.send('go');
  const later = await instance.until('one wait left', (detail) => detail.waitingFor?.length === 1);
  assert.equal(later.waitingFor[0].until, until);
  assert.deepEqual(await instance.completed(), ['WorkflowTimeoutError', 'went']);
});

for (const [what, payload] of [
  ['an object', { a: [1, { b: 'c' }] }],
  ['a text', 'text'],
  ['a number', 12.5],
  ['null', null],
  ['false', false],
  ['a list', [1, 2]],
] as const) {
  behaviour(`events: ${what} as payload arrives as it was sent`, async (world) => {
    const tenant = await world.deployed(
      workflow("return { got: (await step.waitForEvent('w', { type: 'e' })).payload };"),
    );
    const instance = await tenant.create();
    await instance.send('e', payload);
    assert.deepEqual(await instance.completed(), { got: payload });
  });
}

behaviour('events: an empty body is no payload', async (world) => {
  const tenant = await world.deployed(workflow("return typeof (await step.waitForEvent('w', { type: 'e' })).payload;"));
  const instance = await tenant.create();
  await instance.send('e');
  assert.equal(await instance.completed(), 'undefined');
});

behaviour('events: 202 with an eventId, another for each', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'never' });"));
  const instance = await tenant.create();
  const ids = [(await instance.send('e', 1)).body.eventId, (await instance.send('e', 1)).body.eventId];
  assert.equal(typeof ids[0], 'string');
  assert.notEqual(ids[0], ids[1]);
});

behaviour('events: the same Idempotency-Key and body twice is one event', async (world) => {
  const tenant = await world.deployed(
    workflow(`const one = await step.waitForEvent('w', { type: 'e' });
    const two = await step.waitForEvent('w', { type: 'e', timeout: 300 }).catch((error) => ({ payload: error.name }));
    return [one.payload, two.payload];`),
  );
  const instance = await tenant.create();
  const first = await instance.send('e', { n: 1 }, { 'idempotency-key': 'k-1' });
  const again = await instance.send('e', { n: 1 }, { 'idempotency-key': 'k-1' });
  assert.equal(first.body.eventId, again.body.eventId);
  assert.deepEqual(await instance.completed(), [{ n: 1 }, 'WorkflowTimeoutError']);
});

behaviour('events: the same Idempotency-Key with another body is 422', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'never' });"));
  const instance = await tenant.create();
  await instance.send('e', 1, { 'idempotency-key': 'k-1' });
  await tenant.api.refused(422, 'request.invalid', 'POST', `${instance.path}/events/e`, {
    json: 2,
    headers: { 'idempotency-key': 'k-1' },
  });
});

behaviour('events: an Idempotency-Key is of one instance', async (world) => {
  const tenant = await world.deployed(workflow("return (await step.waitForEvent('w', { type: 'e' })).payload;"));
  const [a, b] = [await tenant.create(), await tenant.create()];
  await a.send('e', 'a', { 'idempotency-key': 'same' });
  await b.send('e', 'b', { 'idempotency-key': 'same' });
  assert.deepEqual([await a.completed(), await b.completed()], ['a', 'b']);
});

behaviour('events: to a finished instance is 409 instance.finished', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const instance = await tenant.create();
  await instance.finished();
  await tenant.api.refused(409, 'instance.finished', 'POST', `${instance.path}/events/e`, { json: 1 });
});

behaviour('events: to an unknown instance is 404 instance.not_found', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.api.refused(404, 'instance.not_found', 'POST', `${tenant.instances()}/nobody/events/e`, { json: 1 });
});

behaviour('events: a type of 100 characters with dots and dashes is allowed, others are 422', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'never' });"));
  const instance = await tenant.create();
  await instance.send(`a.b-c_D9${'x'.repeat(92)}`, 1);
  for (const type of ['x'.repeat(101), '.dot', '-dash', 'a%20b', 'a%3Ab']) {
    await tenant.api.refused(422, 'request.invalid', 'POST', `${instance.path}/events/${type}`, { json: 1 });
  }
});

for (const [what, options, pattern] of [
  ['a type that is not allowed', "{ type: 'not allowed' }", /not allowed/],
  ['a missing type', '{}', /type/],
  ['a timeout that is no duration', "{ type: 'e', timeout: 'banana' }", /banana/],
  ['an unknown option', "{ type: 'e', within: 5 }", /within/],
] as const) {
  behaviour(`waitForEvent: ${what} is a fatal error that names the step`, async (world) => {
    const error = await world.error(`await step.waitForEvent('my wait', ${options});`);
    assert.match(error.message, /my wait/);
    assert.match(error.message, pattern);
  });
}

behaviour('events: bad JSON is 400 request.malformed and leaves nothing behind', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "return (await step.waitForEvent('w', { type: 'e', timeout: 400 }).catch((error) => ({ payload: error.name }))).payload;",
    ),
  );
  const instance = await tenant.create();
  await tenant.api.refused(400, 'request.malformed', 'POST', `${instance.path}/events/e`, {
    raw: '{ "a": ',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(await instance.completed(), 'WorkflowTimeoutError');
});

behaviour('events: an event and a sleep race: the event wins and stays the winner after a replay', async (world) => {
  const tenant = await world.deployed(
    workflow(`const first = await Promise.race([
      step.waitForEvent('event', { type: 'e' }).then(() => 'event'), step.sleep('sleep', '1 hour').then(() => 'sleep')]);
    await step.waitForEvent('go on', { type: 'go' });
    return first;`),
  );
  const instance = await tenant.create();
  await instance.waiting('event');
  await instance.send('e');
  await instance.waiting('go on');
  await instance.send('go');
  assert.equal(await instance.completed(), 'event');
});

behaviour('events: sent while paused, they are kept and delivered after resume', async (world) => {
  const tenant = await world.deployed(workflow("return (await step.waitForEvent('w', { type: 'e' })).payload;"));
  const instance = await tenant.create();
  await instance.waiting();
  await instance.control('pause');
  await instance.status('paused');
  await instance.send('e', 'kept');
  await pause(150);
  assert.equal((await instance.detail()).status, 'paused');
  await instance.control('resume');
  assert.equal(await instance.completed(), 'kept');
});

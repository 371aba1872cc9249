import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { msBetween, pause, stepOf, workflow } from './world.ts';

const WAITS = "return (await step.waitForEvent('w', { type: 'e' })).payload ?? 'no payload';";

behaviour('create: 201 with id, status, version and workflow', async (world) => {
  const tenant = await world.tenant();
  const version = await tenant.deploy(workflow(WAITS));
  const { body } = await tenant.api.expect(201, 'POST', tenant.instances(), { json: { id: 'mine' } });
  assert.equal(body.id, 'mine');
  assert.equal(body.version, version);
  assert.equal(body.workflow, 'W');
  assert.ok(['queued', 'running', 'waiting'].includes(body.status), body.status);
});

behaviour('create: with wait it answers with the output when the instance has finished', async (world) => {
  const tenant = await world.deployed(workflow('return { doubled: event.payload * 2 };'));
  const { body } = await tenant.api.expect(201, 'POST', `${tenant.instances()}?wait=20`, { json: { params: 21 } });
  assert.equal(body.status, 'complete');
  assert.deepEqual(body.output, { doubled: 42 });
});

behaviour('create: with wait it answers with the error when the instance has failed', async (world) => {
  const tenant = await world.deployed(workflow("throw new TypeError('no');"));
  const { body } = await tenant.api.expect(201, 'POST', `${tenant.instances()}?wait=20`, { json: {} });
  assert.equal(body.status, 'errored');
  assert.equal(body.error.name, 'TypeError');
  assert.equal(body.error.message, 'no');
});

behaviour('create: with wait it answers when the time is up', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const since = Date.now();
  const { body } = await tenant.api.expect(201, 'POST', `${tenant.instances()}?wait=1`, { json: {} });
  assert.equal(body.status, 'waiting');
  assert.ok(Date.now() - since >= 900 && Date.now() - since < 8_000);
});

behaviour('create: without an id one is made, another each time', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const ids = [(await tenant.create()).id, (await tenant.create()).id];
  assert.notEqual(ids[0], ids[1]);
  for (const id of ids) assert.match(id, /^[a-zA-Z0-9_][a-zA-Z0-9-_]{0,99}$/);
});

behaviour('create: without a body, an instance starts all the same', async (world) => {
  const tenant = await world.deployed(workflow('return event.payload;'));
  const { body } = await tenant.api.expect(201, 'POST', `${tenant.instances()}?wait=20`);
  assert.deepEqual(body.output, {});
});

behaviour('create: a taken id is 409 instance.already_exists', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  await tenant.create(undefined, { id: 'taken' });
  const { body } = await tenant.api.refused(409, 'instance.already_exists', 'POST', tenant.instances(), {
    json: { id: 'taken' },
  });
  assert.ok(body.detail.includes('Workflow instance with id "taken" already exists'), body.detail);
});

behaviour('create: the id of a finished instance is still taken', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await (await tenant.create(undefined, { id: 'done' })).finished();
  await tenant.api.refused(409, 'instance.already_exists', 'POST', tenant.instances(), { json: { id: 'done' } });
});

behaviour('create: of twenty at once with one id, one is made', async (world) => {
  const tenant = await world.deployed(workflow(`await step.do('a', async () => note('ran'));`));
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => tenant.api.call('POST', tenant.instances(), { json: { id: 'only' } })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 409).length, 19);
  await tenant.instance('only').finished();
  assert.equal(tenant.count('ran'), 1);
});

behaviour(
  'create: ids of 100 characters are allowed, bad ones are 422 Workflow instance has invalid id',
  async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    await tenant.create(undefined, { id: `_${'a-'.repeat(49)}Z` });
    for (const id of ['a'.repeat(101), '-starts', 'a b', 'a/b', 'a.b', 'ä', '', 'a\u0000b']) {
      const { text } = await tenant.api.refused(422, 'request.invalid', 'POST', tenant.instances(), { json: { id } });
      assert.match(text, /Workflow instance has invalid id/);
    }
  },
);

behaviour('status: running while a callback runs', async (world) => {
  const tenant = await world.deployed(workflow("return step.do('a', async () => note('a', '?hold=go'));"));
  const instance = await tenant.create();
  await tenant.noting('a');
  const detail = await instance.detail();
  assert.equal(detail.status, 'running');
  assert.ok(detail.startedAt !== undefined);
  tenant.release('go');
  await instance.completed();
});

behaviour('status: waiting, not running, while an instance rests', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const detail = await (await tenant.create()).waiting('w');
  assert.equal(detail.status, 'waiting');
  assert.ok(detail.endedAt === undefined || detail.endedAt === null);
});

behaviour('status: an instance that is unknown is 404 instance.not_found', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.api.refused(404, 'instance.not_found', 'GET', `${tenant.instances()}/nobody`);
  await tenant.api.refused(404, 'instance.not_found', 'PATCH', `${tenant.instances()}/nobody/status`, {
    json: { status: 'pause' },
  });
});

behaviour('detail: times are in order, and endedAt comes with the end', async (world) => {
  const detail = await world.run("await step.do('a', async () => 1);");
  assert.ok(msBetween(detail.createdAt, detail.startedAt) >= 0);
  assert.ok(msBetween(detail.startedAt, detail.endedAt) >= 0);
  for (const at of [detail.createdAt, detail.startedAt, detail.endedAt])
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

behaviour('detail: params are as they were given, and trigger.source is told', async (world) => {
  const detail = await world.run('return 1;', { a: 1 });
  assert.deepEqual(detail.params, { a: 1 });
  assert.equal(typeof detail.trigger.source, 'string');
});

behaviour('wait: GET with wait answers as soon as the instance has finished', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  const since = Date.now();
  const asked = instance.finished();
  await pause(200);
  await instance.send('e', 'now');
  assert.equal((await asked).output, 'now');
  assert.ok(Date.now() - since < 10_000);
});

behaviour('pause: a waiting instance pauses at once and takes nothing until resume', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  const { status } = await instance.control('pause');
  assert.ok(['paused', 'waitingForPause'].includes(status), status);
  await instance.status('paused');
  await instance.control('resume');
  await instance.waiting();
  await instance.send('e', 1);
  assert.equal(await instance.completed(), 1);
});

behaviour('pause: a running callback finishes, nothing new starts, then it is paused', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "await step.do('a', async () => note('a', '?hold=go')); await step.do('b', async () => note('b')); return 'end';",
    ),
  );
  const instance = await tenant.create();
  await tenant.noting('a');
  await instance.control('pause');
  await instance.status('waitingForPause');
  tenant.release('go');
  const detail = await instance.status('paused');
  assert.equal(stepOf(detail, 'a').output, '1');
  await pause(100);
  assert.equal(tenant.count('b'), 0);
  await instance.control('resume');
  assert.equal(await instance.completed(), 'end');
  assert.deepEqual(tenant.noted, ['a', 'b']);
});

behaviour('pause: a sleep does not end while paused, and moves by the paused time', async (world) => {
  const tenant = await world.deployed(workflow("await step.sleep('nap', 1200); return 'awake';"));
  const instance = await tenant.create();
  await instance.waiting('nap');
  await instance.control('pause');
  await instance.status('paused');
  const pausedFor = 1_500;
  await pause(pausedFor);
  assert.equal((await instance.detail()).status, 'paused');
  await instance.control('resume');
  const detail = await instance.finished();
  assert.equal(detail.output, 'awake');
  const nap = stepOf(detail, 'nap');
  assert.ok(
    msBetween(nap.startedAt, nap.endedAt) >= 1_200 + pausedFor - 20,
    `${msBetween(nap.startedAt, nap.endedAt)}`,
  );
});

behaviour('pause: the deadline of a wait moves by the paused time', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'e', timeout: '1 hour' });"));
  const instance = await tenant.create();
  const before = (await instance.waiting()).waitingFor[0].until;
  await instance.control('pause');
  await instance.status('paused');
  await pause(500);
  await instance.control('resume');
  const after = (await instance.waiting()).waitingFor[0].until;
  const moved = msBetween(before, after);
  assert.ok(moved >= 450 && moved < 10_000, `moved by ${moved} ms`);
});

behaviour('anchor bug 7: after a caught non-retryable failure, pause reaches paused', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => { throw new NonRetryableError('no'); }).catch(() => {}); ${WAITS}`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  await instance.control('pause');
  await instance.status('paused');
  await instance.control('resume');
  await instance.send('e', 'through');
  assert.equal(await instance.completed(), 'through');
});

behaviour('pause and resume: on a finished instance both do nothing', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const instance = await tenant.create();
  await instance.finished();
  assert.equal((await instance.control('pause')).status, 'complete');
  assert.equal((await instance.control('resume')).status, 'complete');
  assert.equal((await instance.detail()).status, 'complete');
});

behaviour('resume: on an instance that is not paused it does nothing', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  await instance.control('resume');
  await instance.waiting();
  await instance.send('e', 1);
  assert.equal(await instance.completed(), 1);
});

behaviour('pause: twice is as once', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  await instance.control('pause');
  await instance.control('pause');
  await instance.status('paused');
  await instance.control('resume');
  await instance.send('e', 1);
  assert.equal(await instance.completed(), 1);
});

behaviour('pause: a retry does not start while paused', async (world) => {
  const tenant = await world.deployed(
    workflow(`return step.do('a', { retries: { limit: 1, delay: 3_000 } }, async ({ attempt }) => {
      await note('attempt'); if (attempt === 1) throw new Error('no'); return attempt; });`),
  );
  const instance = await tenant.create();
  await tenant.noting('attempt');
  await instance.control('pause');
  await instance.status('paused');
  await pause(3_500);
  assert.equal(tenant.count('attempt'), 1);
  await instance.control('resume');
  assert.equal(await instance.completed(), 2);
});

behaviour('terminate: a waiting instance is terminated at once', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  assert.equal((await instance.control('terminate')).status, 'terminated');
  const detail = await instance.detail();
  assert.equal(detail.status, 'terminated');
  assert.ok(typeof detail.endedAt === 'string');
});

behaviour('terminate: a paused instance can be terminated', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  await instance.control('pause');
  await instance.status('paused');
  await instance.control('terminate');
  assert.equal((await instance.finished()).status, 'terminated');
});

behaviour('terminate: a running callback has no further effect and no further step starts', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => { await note('a', '?hold=go'); await note('late'); });
    await step.do('b', async () => note('b'));`),
  );
  const instance = await tenant.create();
  await tenant.noting('a');
  await instance.control('terminate');
  tenant.release('go');
  await pause(300);
  assert.equal((await instance.detail()).status, 'terminated');
  assert.deepEqual(tenant.noted, ['a']);
});

for (const [how, body] of [
  ['complete', 'return 1;'],
  ['errored', "throw new Error('no');"],
] as const) {
  behaviour(`terminate: on an instance that is ${how} it is 409 instance.cannot_terminate`, async (world) => {
    const tenant = await world.deployed(workflow(body));
    const instance = await tenant.create();
    await instance.finished();
    const answer = await instance.refusedControl(409, 'instance.cannot_terminate', { status: 'terminate' });
    assert.ok(answer.body.detail.includes('Cannot terminate instance since its on a finite state'), answer.body.detail);
  });
}

behaviour('terminate: on a terminated instance it is 409 instance.cannot_terminate', async (world) => {
  const tenant = await world.deployed(workflow(WAITS));
  const instance = await tenant.create();
  await instance.waiting();
  await instance.control('terminate');
  await instance.refusedControl(409, 'instance.cannot_terminate', { status: 'terminate' });
});

behaviour(
  'restart: a complete instance runs again from the beginning with its params, id, version and timestamp',
  async (world) => {
    const tenant = await world.deployed(
      workflow(
        "const n = await step.do('a', async () => note('a')); return { n, payload: event.payload, at: event.timestamp.getTime() };",
      ),
    );
    const instance = await tenant.create({ p: 1 }, { id: 'again' });
    const first = await instance.finished();
    await instance.control('restart');
    const second = await instance.until('second output', ({ output }) => output?.n === '2');
    assert.deepEqual(second.output.payload, { p: 1 });
    assert.equal(second.output.at, first.output.at);
    assert.equal(second.version, first.version);
    assert.equal(second.createdAt, first.createdAt);
    assert.equal(second.steps.length, 1);
  },
);

behaviour('restart: an errored and a terminated instance run again', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "if ((await step.do('a', async () => note('a'))) === '1') throw new Error('first time'); return 'second time';",
    ),
  );
  const instance = await tenant.create();
  assert.equal((await instance.finished()).status, 'errored');
  await instance.control('restart');
  const detail = await instance
    .until('complete', ({ status }) => status === 'complete')
    .catch(() => instance.finished());
  assert.equal(detail.output, 'second time');
  assert.ok(detail.error === undefined || detail.error === null);

  const other = await world.deployed(workflow(WAITS));
  const waiting = await other.create();
  await waiting.waiting();
  await waiting.control('terminate');
  await waiting.control('restart');
  await waiting.waiting();
  await waiting.send('e', 'again');
  assert.equal(await waiting.completed(), 'again');
});

behaviour('restart: a waiting instance starts anew: steps, events and timers are wiped', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => note('a'));
    await step.waitForEvent('w', { type: 'go' });
    return step.waitForEvent('x', { type: 'e', timeout: 400 }).then(() => 'old event', (error) => error.name);`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  await instance.send('e', 'buffered before the restart');
  await instance.control('restart');
  await tenant.noting('a', 2);
  await instance.waiting('w');
  await instance.send('go');
  assert.equal(await instance.completed(), 'WorkflowTimeoutError');
});

behaviour('restart: a running instance starts anew and the old callback has no further effect', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `return step.do('a', async () => { const n = await note('a', event.payload === 1 ? '?hold=go' : ''); await note('after ' + n); return n; });`,
    ),
  );
  const instance = await tenant.create(1);
  await tenant.noting('a');
  await instance.control('restart');
  await tenant.noting('a', 2);
  tenant.release('go');
  assert.equal(await instance.completed(), '2');
  await pause(200);
  assert.equal(tenant.count('after 1'), 0);
  assert.equal(tenant.count('after 2'), 1);
});

behaviour('restart from a step: keeps what came before and runs that step and all after it again', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "const out = []; for (const name of ['a', 'b', 'c']) out.push(await step.do(name, async () => name + (await note(name)))); return out;",
    ),
  );
  const instance = await tenant.create();
  assert.deepEqual(await instance.completed(), ['a1', 'b1', 'c1']);
  await instance.control('restart', { from: { name: 'b' } });
  const detail = await instance.until('second output', ({ output }) => output?.[2] === 'c2');
  assert.deepEqual(detail.output, ['a1', 'b2', 'c2']);
  assert.equal(detail.steps.length, 3);
});

behaviour('restart from a step: count chooses among steps of one name', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "const out = []; for (let i = 0; i < 3; i++) out.push(await step.do('s', async () => note('s' + i))); return out;",
    ),
  );
  const instance = await tenant.create();
  await instance.completed();
  await instance.control('restart', { from: { name: 's', count: 2 } });
  const detail = await instance.until('second output', ({ output }) => output?.[2] === '2');
  assert.deepEqual(detail.output, ['1', '2', '2']);
});

behaviour('restart from a step: type chooses a sleep or a wait, and do is the default', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `await step.sleep('x', 10); const a = await step.do('a', async () => note('a')); const x = await step.do('x', async () => note('x')); return [a, x];`,
    ),
  );
  const instance = await tenant.create();
  await instance.completed();
  await instance.control('restart', { from: { name: 'x' } });
  assert.deepEqual((await instance.until('from do', ({ output }) => output?.[1] === '2')).output, ['1', '2']);
  await instance.control('restart', { from: { name: 'x', type: 'sleep' } });
  assert.deepEqual((await instance.until('from sleep', ({ output }) => output?.[1] === '3')).output, ['2', '3']);
});

behaviour('restart from a step: what started after it is wiped, also what ran beside it', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `const one = (name) => step.do(name, async () => note(name)); return Promise.all([one('a'), one('b'), one('c')]);`,
    ),
  );
  const instance = await tenant.create();
  await instance.completed();
  await instance.control('restart', { from: { name: 'b' } });
  assert.deepEqual((await instance.until('second output', ({ output }) => output?.[2] === '2')).output, [
    '1',
    '2',
    '2',
  ]);
});

behaviour('restart from a step: one that was never reached is 409 instance.cannot_restart', async (world) => {
  const tenant = await world.deployed(workflow("await step.do('a', async () => 1);"));
  const instance = await tenant.create();
  await instance.finished();
  for (const from of [{ name: 'nowhere' }, { name: 'a', count: 2 }, { name: 'a', type: 'sleep' }]) {
    const answer = await instance.refusedControl(409, 'instance.cannot_restart', { status: 'restart', from });
    assert.ok(answer.body.detail.includes(`Step "${from.name}" not found in execution history`), answer.body.detail);
  }
  assert.equal((await instance.detail()).status, 'complete');
});

behaviour('status: an unknown one in PATCH is 422', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const instance = await tenant.create();
  await instance.refusedControl(422, 'request.invalid', { status: 'stop' });
  await instance.refusedControl(422, 'request.invalid', {});
});

behaviour('delete: 204 at any status, then 404', async (world) => {
  const tenant = await world.deployed(
    workflow("if (event.payload === 'wait') await step.waitForEvent('w', { type: 'e' }); return 1;"),
  );
  const complete = await tenant.create('end');
  await complete.finished();
  const waiting = await tenant.create('wait');
  await waiting.waiting();
  for (const instance of [complete, waiting]) {
    const answer = await tenant.api.expect(204, 'DELETE', instance.path);
    assert.equal(answer.text, '');
    await tenant.api.refused(404, 'instance.not_found', 'GET', instance.path);
    await tenant.api.refused(404, 'instance.not_found', 'DELETE', instance.path);
    await tenant.api.refused(404, 'instance.not_found', 'POST', `${instance.path}/events/e`, { json: 1 });
  }
});

behaviour('delete: a running instance has no further effect', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.do('a', async () => { await note('a', '?hold=go'); await note('late'); });"),
  );
  const instance = await tenant.create();
  await tenant.noting('a');
  await tenant.api.expect(204, 'DELETE', instance.path);
  tenant.release('go');
  await pause(300);
  assert.deepEqual(tenant.noted, ['a']);
});

behaviour('delete: the id is free again, and the new instance knows nothing of the old one', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `const a = await step.do('a', async () => note('a')); ${WAITS.replace('return', 'const e =')} return [a, e];`,
    ),
  );
  const first = await tenant.create(undefined, { id: 'same' });
  await first.waiting('w');
  await first.send('other', 'old');
  await tenant.api.expect(204, 'DELETE', first.path);
  const second = await tenant.create(undefined, { id: 'same' });
  await second.waiting('w');
  await second.send('e', 'new');
  assert.deepEqual(await second.completed(), ['2', 'new']);
});

import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, stepOf, type TenantWorld, workflow } from './world.ts';

/** Runs a body up to `await replay()`, forces a new turn there, and gives the output. */
const replayed = async (tenant: TenantWorld): Promise<unknown> => {
  const instance = await tenant.create();
  await instance.waiting('replay');
  await instance.send('replay');
  return instance.completed();
};

const REPLAY = "await step.waitForEvent('replay', { type: 'replay' });";

behaviour('replay: a finished step does not run again, its result comes back', async (world) => {
  const tenant = await world.deployed(
    workflow(`const a = await step.do('a', async () => 'first: ' + (await note('a'))); ${REPLAY} return a;`),
  );
  assert.equal(await replayed(tenant), 'first: 1');
  assert.equal(tenant.count('a'), 1);
});

behaviour('replay: runs run() from the top', async (world) => {
  const tenant = await world.deployed(workflow(`await note('top'); ${REPLAY} return 1;`));
  await replayed(tenant);
  assert.equal(tenant.count('top'), 2);
});

behaviour('anchor bug 6: a caught non-retryable failure does not execute again on replay', async (world) => {
  const tenant = await world.deployed(
    workflow(`const caught = await step.do('a', async () => { await note('a'); throw new NonRetryableError('once'); }).catch((error) => error.message);
    ${REPLAY} return caught;`),
  );
  assert.equal(await replayed(tenant), 'once');
  assert.equal(tenant.count('a'), 1);
});

behaviour(
  'replay: an exhausted failure is thrown again as the same class and message, without a further attempt',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`let caught;
    try { await step.do('a', { retries: { limit: 1, delay: 1 } }, async ({ attempt }) => { await note('a'); throw new RangeError('attempt ' + attempt); }); }
    catch (error) { caught = [error instanceof RangeError, error.message]; }
    ${REPLAY} return caught;`),
    );
    assert.deepEqual(await replayed(tenant), [true, 'attempt 2']);
    assert.equal(tenant.count('a'), 2);
  },
);

behaviour('anchor bug 8: Promise.race keeps its winner on replay', async (world) => {
  const tenant = await world.deployed(
    workflow(`const slow = step.do('slow', async () => { await note('slow', '?delay=2000'); return 'slow'; });
    const fast = step.do('fast', async () => { await note('fast'); return 'fast'; });
    const winner = await Promise.race([slow, fast]);
    await slow;
    const kept = await step.do('keep', async () => winner);
    ${REPLAY} return [kept, winner];`),
  );
  assert.deepEqual(await replayed(tenant), ['fast', 'fast']);
});

behaviour('replay: Promise.any keeps its winner, failures before it included', async (world) => {
  const tenant = await world.deployed(
    workflow(`const winner = await Promise.any([
      step.do('fails', async () => { throw new NonRetryableError('no'); }),
      step.do('slow', async () => { await note('slow', '?delay=1500'); return 'slow'; }),
      step.do('fast', async () => 'fast')]);
    await step.sleep('both settle', 2_000);
    const kept = await step.do('keep', async () => winner);
    ${REPLAY} return [kept, winner];`),
  );
  assert.deepEqual(await replayed(tenant), ['fast', 'fast']);
});

behaviour('replay: results are delivered in the order in which they were first settled', async (world) => {
  const tenant = await world.deployed(
    workflow(`const order = [];
    const one = (name, delay) => step.do(name, async () => { await note(name, '?delay=' + delay); }).then(() => order.push(name));
    await Promise.all([one('third', 1_600), one('second', 800), one('first', 0)]);
    const kept = await step.do('keep', async () => [...order]);
    ${REPLAY} return [kept, order];`),
  );
  const expected = ['first', 'second', 'third'];
  assert.deepEqual(await replayed(tenant), [expected, expected]);
});

behaviour('replay: Promise.allSettled gives the same outcomes', async (world) => {
  const tenant = await world.deployed(
    workflow(`const all = await Promise.allSettled([step.do('ok', async () => 1), step.do('bad', async () => { throw new NonRetryableError('no'); })]);
    ${REPLAY} return all.map(({ status, value, reason }) => [status, value ?? reason.message]);`),
  );
  assert.deepEqual(await replayed(tenant), [
    ['fulfilled', 1],
    ['rejected', 'no'],
  ]);
});

behaviour('replay: steps of one name in a loop keep their results apart', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `const seen = []; for (let i = 0; i < 5; i++) { seen.push(await step.do('same', async () => i * 10)); if (i === 2) { ${REPLAY} } } return seen;`,
    ),
  );
  assert.deepEqual(await replayed(tenant), [0, 10, 20, 30, 40]);
});

behaviour('replay: 1,000 steps come back without running again', async (world) => {
  const tenant = await world.deployed(
    workflow(
      `let sum = 0; for (let i = 0; i < 1000; i++) sum += await step.do('s' + i, async () => { calls += 1; return i; });
    const before = calls; ${REPLAY} return [sum, before];`,
      'let calls = 0;',
    ),
  );
  assert.deepEqual(await replayed(tenant), [499_500, 0]);
});

behaviour('replay: no module variable survives a turn', async (world) => {
  const tenant = await world.deployed(workflow(`turns += 1; ${REPLAY} return turns;`, 'let turns = 0;'));
  assert.equal(await replayed(tenant), 1);
});

behaviour('replay: no global survives a turn, and no prototype that was changed', async (world) => {
  const tenant = await world.deployed(
    workflow(`globalThis.turns = (globalThis.turns ?? 0) + 1; Array.prototype.turns = (Array.prototype.turns ?? 0) + 1;
    ${REPLAY} return [globalThis.turns, [].turns];`),
  );
  assert.deepEqual(await replayed(tenant), [1, 1]);
});

behaviour('isolation: no global of one tenant is seen by another', async (world) => {
  const leaking = await world.deployed(
    workflow("globalThis.leak = 'secret'; Object.prototype.leak = 'secret'; return 1;"),
  );
  await (await leaking.create()).completed();
  const other = await world.deployed(workflow('return [typeof globalThis.leak, typeof ({}).leak];'));
  assert.deepEqual(await (await other.create()).completed(), ['undefined', 'undefined']);
});

for (const [what, take] of [
  ['Date.now()', 'Date.now()'],
  ['new Date()', 'new Date().getTime()'],
  ['performance.now()', 'performance.now()'],
  ['Math.random()', 'Math.random()'],
  ['crypto.randomUUID()', 'crypto.randomUUID()'],
  ['crypto.getRandomValues()', '[...crypto.getRandomValues(new Uint8Array(8))].join()'],
] as const) {
  behaviour(`determinism: ${what} outside a step is the same on replay`, async (world) => {
    const tenant = await world.deployed(
      workflow(`const before = ${take};
    const kept = await step.do('keep', async () => before);
    const between = ${take};
    const keptBetween = await step.do('keep', async () => between);
    ${REPLAY}
    return [kept === before, keptBetween === between, typeof before];`),
    );
    const [first, second, type] = (await replayed(tenant)) as [boolean, boolean, string];
    assert.deepEqual([first, second], [true, true]);
    assert.ok(type === 'number' || type === 'string');
  });
}

behaviour('determinism: random values outside a step differ from call to call and between instances', async (world) => {
  const tenant = await world.deployed(workflow('return [Math.random(), Math.random(), crypto.randomUUID()];'));
  const one = (await (await tenant.create()).completed()) as unknown[];
  const two = (await (await tenant.create()).completed()) as unknown[];
  assert.equal(new Set([...one, ...two]).size, 6);
});

behaviour('determinism: the clock of run() goes on with what it is given', async (world) => {
  const body = "const before = Date.now(); await step.sleep('nap', 300); return Date.now() - before;";
  const ms = (await world.output(body)) as number;
  assert.ok(ms >= 299 && ms < 10_000, `${ms}`);
});

behaviour('determinism: inside a callback time and randomness are real', async (world) => {
  const body = `const now = () => step.do('now', async () => { await new Promise((go) => setTimeout(go, 30)); return Date.now(); });
    const random = () => step.do('random', async () => Math.random());
    const [a, b] = [await now(), await now()];
    return [b - a, (await random()) !== (await random())];`;
  const [ms, isOther] = (await world.output(body)) as [number, boolean];
  assert.ok(ms >= 25, `${ms}`);
  assert.equal(isOther, true);
});

behaviour('determinism: after a callback the clock and randomness of run() are deterministic again', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => { await new Promise((go) => setTimeout(go, 20)); return Math.random(); });
    const mine = [Date.now(), Math.random()].join();
    const kept = await step.do('keep', async () => mine);
    ${REPLAY} return kept === mine;`),
  );
  assert.equal(await replayed(tenant), true);
});

behaviour('determinism: Intl and Date use UTC', async (world) => {
  const body = `return [new Date(0).getTimezoneOffset(), new Intl.DateTimeFormat('en').resolvedOptions().timeZone,
    new Date(2020, 0, 1).toISOString()];`;
  assert.deepEqual(await world.output(body), [0, 'UTC', '2020-01-01T00:00:00.000Z']);
});

behaviour('effects: fetch outside a step is allowed and is made again at every replay', async (world) => {
  const tenant = await world.deployed(workflow(`const round = await note('outside'); ${REPLAY} return round;`));
  assert.equal(await replayed(tenant), '2');
});

/** Code that takes another way on its second turn: the tenant's env has changed meanwhile. */
const diverged = async (tenant: TenantWorld): Promise<Detail> => {
  const mode = (value: string) => tenant.api.call('PUT', `${tenant.path}/env/MODE`, { json: { value } });
  assert.ok((await mode('one')).status < 300);
  const instance = await tenant.create();
  await instance.waiting('replay');
  await mode('two');
  await instance.send('replay');
  return instance.finished();
};

behaviour('divergence: a different step where one was recorded does not stop a lenient workflow', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do(this.env.MODE, async () => note('ran')); ${REPLAY} return this.env.MODE;`),
  );
  const detail = await diverged(tenant);
  assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
  assert.equal(detail.output, 'two');
});

behaviour(
  "divergence: with determinism 'strict' it fails the instance with NonDeterminismError that says what was expected and what came",
  async (world) => {
    const tenant = await world.deployed(
      workflow(`await step.do(this.env.MODE, async () => 1); ${REPLAY} return this.env.MODE;`),
    );
    await tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, { json: { determinism: 'strict' } });
    const { status, error } = await diverged(tenant);
    assert.equal(status, 'errored');
    assert.equal(error.name, 'NonDeterminismError');
    assert.match(error.message, /one/);
    assert.match(error.message, /two/);
  },
);

behaviour(
  "effects: with determinism 'strict' a fetch outside a step fails the instance with NonDeterminismError",
  async (world) => {
    const tenant = await world.deployed(workflow("await note('outside'); return 1;"));
    await tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, { json: { determinism: 'strict' } });
    const detail = await (await tenant.create()).finished();
    assert.equal(detail.status, 'errored');
    assert.equal(detail.error.name, 'NonDeterminismError');
  },
);

behaviour('replay: parallel steps, some finished and some not, go on where each was', async (world) => {
  const tenant = await world.deployed(
    workflow(`const done = step.do('done', async () => note('done'));
    const waits = step.waitForEvent('replay', { type: 'replay' }).then(() => step.do('after', async () => note('after')));
    return Promise.all([done, waits]);`),
  );
  assert.deepEqual(await replayed(tenant), ['1', '1']);
  assert.deepEqual(tenant.noted, ['done', 'after']);
});

behaviour('replay: a step shows in the detail once, however often it was replayed', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => 1); ${REPLAY} await step.do('b', async () => 2);`),
  );
  const instance = await tenant.create();
  await instance.waiting('replay');
  await instance.send('replay');
  const detail = await instance.finished();
  assert.equal(detail.steps.length, 3);
  assert.equal(stepOf(detail, 'a').attempts.length, 1);
});

behaviour('env: globals are those of the minimum common API', async (world) => {
  const names =
    `fetch Request Response Headers URL URLSearchParams ReadableStream WritableStream TransformStream TextEncoder TextDecoder
    crypto AbortController AbortSignal structuredClone setTimeout clearTimeout setInterval console performance Blob FormData atob btoa
    EventTarget Event queueMicrotask`.split(/\s+/);
  const body = `return ${JSON.stringify(names)}.filter((name) => globalThis[name] === undefined);`;
  assert.deepEqual(await world.output(body), []);
});

behaviour('env: no process, require, Buffer, module or eval of strings', async (world) => {
  const body = `const tries = [() => eval('1 + 1'), () => new Function('return 1')(), () => (() => {}).constructor('return 1')()];
    return [typeof process, typeof require, typeof Buffer, typeof WebAssembly, typeof SharedArrayBuffer,
      ...tries.map((attempt) => { try { attempt(); return 'ran'; } catch (error) { return 'refused'; } })];`;
  const none = Array.from({ length: 5 }, () => 'undefined');
  assert.deepEqual(await world.output(body), [...none, 'refused', 'refused', 'refused']);
});

import assert from 'node:assert/strict';
import type { Answer, Api } from './api.ts';
import { behaviour } from './registry.ts';
import { type Detail, eventually, msBetween, pause, stepOf, type TenantWorld, type World, workflow } from './world.ts';

const MINUTE = 60_000;

/** `tell(what, text)` has the ledger keep a text, which is how a token gets out. */
const TELL = "const tell = async (what, body) => { await fetch(LEDGER + '/' + what, { method: 'POST', body }); };";
/** A step that tells its token by its own name and returns the deferred result. `options`: of `defer()`. */
const ask = (name = 'ask', config = '{}', options = ''): string =>
  `step.do('${name}', ${config}, async (ctx) => { const d = ctx.defer(${options}); await tell('${name}', d.token); return d; })`;

const deployed = (world: World, body: string, more = ''): Promise<TenantWorld> =>
  world.deployed(`${workflow(body, TELL)}\n${more}`);

/** The `n`-th token that a step of that name told, as soon as it is there. */
const tokenOf = (tenant: TenantWorld, name = 'ask', n = 1): Promise<string> =>
  eventually(`token ${n} of ${name}`, () => tenant.entries.filter(({ what }) => what === name)[n - 1]?.body);

const complete = (api: Api, token: string, json: unknown): Promise<Answer> =>
  api.call('POST', `/v1/deferred/${token}`, { json, key: null });

const accepted = async (api: Api, token: string, json: unknown): Promise<void> => {
  const answer = await complete(api, token, json);
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual(answer.body, {});
};

const refused = (api: Api, token: string, json: unknown, status: number, code: string): Promise<Answer> =>
  api.refused(status, code, 'POST', `/v1/deferred/${token}`, { json, key: null });

const attemptsOf = (detail: Detail, name = 'ask'): Detail[] => stepOf(detail, name).attempts;

behaviour(
  'deferred: the step stays open, the instance waits for its result, and a token completes it',
  async (world) => {
    const tenant = await deployed(world, `return ${ask('ask', '{}', "{ timeout: '2 hours' }")};`);
    const instance = await tenant.create();
    const token = await tokenOf(tenant);
    const detail = await instance.waiting('ask');
    const [wait] = detail.waitingFor;
    assert.deepEqual([detail.waitingFor.length, wait.kind, wait.name], [1, 'deferred', 'ask']);
    const step = stepOf(detail, 'ask', 'step');
    assert.deepEqual([step.status, step.until, step.attempts.length], ['waiting', wait.until, 1]);
    assert.ok(Math.abs(msBetween(step.startedAt, wait.until) - 120 * MINUTE) < 5_000);
    await accepted(tenant.api, token, { result: { approved: true, by: 'grace' } });
    assert.deepEqual(await instance.completed(), { approved: true, by: 'grace' });
    assert.equal(tenant.count('ask'), 1);
  },
);

behaviour('deferred: waits as long as the step may take, 10 minutes by default', async (world) => {
  const tenant = await deployed(world, `return ${ask()};`);
  const detail = await (await tenant.create()).waiting('ask');
  assert.ok(Math.abs(msBetween(stepOf(detail, 'ask').startedAt, detail.waitingFor[0].until) - 10 * MINUTE) < 5_000);
});

behaviour('deferred: a result may take 366 days and no longer', async (world) => {
  const tenant = await deployed(world, `return ${ask('ask', '{}', "{ timeout: '366 days' }")};`);
  const instance = await tenant.create();
  await instance.waiting('ask');
  await accepted(tenant.api, await tokenOf(tenant), { result: null });
  assert.equal(await instance.completed(), null);
  const error = await world.error("await step.do('ask', (ctx) => ctx.defer({ timeout: '367 days' }));");
  assert.match(error.message, /"ask".*366 days/);
});

behaviour('deferred: several steps wait side by side, each for its own token', async (world) => {
  const tenant = await deployed(
    world,
    `return Promise.all([${ask('a')}, ${ask('b')}, step.do('c', async () => 'c')]);`,
  );
  const instance = await tenant.create();
  await accepted(tenant.api, await tokenOf(tenant, 'b'), { result: 'for b' });
  await instance.until('one left', ({ waitingFor }) => waitingFor?.length === 1 && waitingFor[0].name === 'a');
  await accepted(tenant.api, await tokenOf(tenant, 'a'), { result: 'for a' });
  assert.deepEqual(await instance.completed(), ['for a', 'for b', 'c']);
});

behaviour('deferred: whoever was told the token may use it before the callback has returned', async (world) => {
  const tenant = await deployed(
    world,
    `return step.do('ask', async (ctx) => { const d = ctx.defer(); await tell('ask', d.token); await note('held', '?hold=go'); return d; });`,
  );
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  await tenant.noting('held');
  await accepted(tenant.api, token, { result: 'early' });
  tenant.release('go');
  assert.equal(await instance.completed(), 'early');
});

behaviour(
  'deferred: a callback that returns something else settles its step, and the token is refused',
  async (world) => {
    const tenant = await deployed(
      world,
      `const got = await step.do('ask', async (ctx) => { await tell('ask', ctx.defer().token); return 'at once'; });
    await step.waitForEvent('rest', { type: 'go' }); return got;`,
    );
    const instance = await tenant.create();
    await instance.waiting('rest');
    await refused(tenant.api, await tokenOf(tenant), { result: 'late' }, 409, 'deferred.settled');
    await instance.send('go');
    assert.equal(await instance.completed(), 'at once');
  },
);

behaviour('deferred: the first outcome counts; the same one again is accepted, another one is not', async (world) => {
  const tenant = await deployed(
    world,
    `const got = ${ask()}; await step.waitForEvent('rest', { type: 'go' }); return await got;`,
  );
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  for (let times = 0; times < 2; times++) await accepted(tenant.api, token, { result: { n: 1 } });
  await refused(tenant.api, token, { result: { n: 2 } }, 409, 'deferred.settled');
  await refused(tenant.api, token, { error: { message: 'no' } }, 409, 'deferred.settled');
  await instance.send('go');
  assert.deepEqual(await instance.completed(), { n: 1 });
  await accepted(tenant.api, token, { result: { n: 1 } });
  await refused(tenant.api, token, { result: { n: 2 } }, 409, 'deferred.settled');
});

behaviour('deferred: of ten outcomes at once one counts, and exactly that one was accepted', async (world) => {
  const tenant = await deployed(world, `return ${ask()};`);
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => complete(tenant.api, token, { result: n })));
  const output = await instance.completed();
  for (const [n, { status, text }] of answers.entries()) assert.equal(status, n === output ? 202 : 409, text);
});

behaviour(
  'deferred: an error fails the attempt; the next one asks by a token of its own, the old one is refused',
  async (world) => {
    const config = "{ retries: { limit: 1, delay: 50, backoff: 'constant' } }";
    const tenant = await deployed(world, `return ${ask('ask', config)};`);
    const instance = await tenant.create();
    const first = await tokenOf(tenant);
    await accepted(tenant.api, first, { error: { name: 'Declined', message: 'not today' } });
    const second = await tokenOf(tenant, 'ask', 2);
    assert.notEqual(second, first);
    await refused(tenant.api, first, { result: 'late' }, 409, 'deferred.settled');
    await accepted(tenant.api, second, { result: 'then' });
    const detail = await instance.finished();
    assert.equal(detail.output, 'then');
    const [failed] = attemptsOf(detail);
    assert.deepEqual([failed.error.name, failed.error.message], ['Declined', 'not today']);
  },
);

behaviour(
  'deferred: an error is thrown into run() when the retries are used up, by its name and message',
  async (world) => {
    const tenant = await deployed(
      world,
      `try { await ${ask('ask', '{ retries: { limit: 0, delay: 0 } }')}; }
    catch (error) { return [error instanceof TypeError, error.name, error.message]; }`,
    );
    const instance = await tenant.create();
    await accepted(tenant.api, await tokenOf(tenant), { error: { name: 'TypeError', message: 'no' } });
    assert.deepEqual(await instance.completed(), [true, 'TypeError', 'no']);
  },
);

behaviour('deferred: a NonRetryableError by name is not tried again', async (world) => {
  const tenant = await deployed(world, `return ${ask()};`);
  const instance = await tenant.create();
  await accepted(tenant.api, await tokenOf(tenant), { error: { name: 'NonRetryableError', message: 'never' } });
  const detail = await instance.finished();
  assert.deepEqual([detail.status, detail.error.name, attemptsOf(detail).length], ['errored', 'NonRetryableError', 1]);
});

behaviour('deferred: the timeout bounds the whole attempt, is retried, and refuses the old token', async (world) => {
  const config = "{ timeout: 1500, retries: { limit: 1, delay: 50, backoff: 'constant' } }";
  const tenant = await deployed(world, `return ${ask('ask', config)};`);
  const instance = await tenant.create();
  const first = await tokenOf(tenant);
  const second = await tokenOf(tenant, 'ask', 2);
  await refused(tenant.api, first, { result: 'late' }, 409, 'deferred.settled');
  await accepted(tenant.api, second, { result: 'in time' });
  const detail = await instance.finished();
  assert.equal(detail.output, 'in time');
  const [failed] = attemptsOf(detail);
  assert.equal(failed.error.name, 'WorkflowTimeoutError');
  assert.equal(failed.error.message, 'Execution timed out after 1500ms');
  // Its time runs from where it begins, which stands in the journal only with what leaves it first.
  assert.ok(msBetween(detail.createdAt, failed.endedAt) >= 1_499);
});

behaviour('deferred: a timeout of the last attempt is thrown into run()', async (world) => {
  const error = await world.error(
    "await step.do('ask', { timeout: 40, retries: { limit: 0, delay: 0 } }, async (ctx) => ctx.defer());",
  );
  assert.deepEqual([error.name, error.message], ['WorkflowTimeoutError', 'Execution timed out after 40ms']);
});

behaviour('deferred: a timeout of its own takes the place of a longer one of the step', async (world) => {
  const config = "{ timeout: '10 minutes', retries: { limit: 1, delay: 50, backoff: 'constant' } }";
  const tenant = await deployed(world, `return ${ask('ask', config, "{ timeout: '2 seconds' }")};`);
  const instance = await tenant.create();
  const first = await tokenOf(tenant);
  const second = await tokenOf(tenant, 'ask', 2);
  await refused(tenant.api, first, { result: 'late' }, 409, 'deferred.settled');
  await accepted(tenant.api, second, { result: 'in time' });
  const detail = await instance.finished();
  assert.equal(detail.output, 'in time');
  const [{ error, startedAt, endedAt }] = attemptsOf(detail) as [Detail];
  assert.deepEqual([error.name, error.message], ['WorkflowTimeoutError', 'Execution timed out after 2000ms']);
  assert.ok(msBetween(startedAt, endedAt) >= 1_999);
});

behaviour('deferred: a timeout of its own is longer than what the callback may take', async (world) => {
  const config = '{ timeout: 3000, retries: { limit: 0, delay: 0 } }';
  const tenant = await deployed(world, `return ${ask('ask', config, "{ timeout: '3 days' }")};`);
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  const { waitingFor } = await instance.waiting('ask');
  const startedAt = stepOf(await instance.detail(), 'ask').startedAt;
  assert.ok(Math.abs(msBetween(startedAt, waitingFor[0].until) - 3 * 24 * 60 * MINUTE) < 5_000);
  await pause(3_200);
  await accepted(tenant.api, token, { result: 'after the timeout of the step' });
  assert.equal(await instance.completed(), 'after the timeout of the step');
  const busy = await world.error(
    `await step.do('busy', ${config}, async (ctx) => { ctx.defer({ timeout: '3 days' }); await note('busy', '?hold=never'); });`,
  );
  assert.deepEqual([busy.name, busy.message], ['WorkflowTimeoutError', 'Execution timed out after 3000ms']);
});

behaviour('deferred: a timeout that is none, or another option, is fatal and names step and value', async (world) => {
  for (const [options, message] of [
    ["{ timeout: 'banana' }", /^Step "ask": .*timeout: "banana" is not a duration/],
    ['{ timeout: 0 }', /^Step "ask": .*timeout must be longer than 0/],
    ['{ timeout: NaN }', /^Step "ask": .*NaN is not a duration/],
    ["{ until: '1 hour' }", /^Step "ask": .*no option "until"/],
    ["'1 hour'", /^Step "ask": .*got "1 hour"/],
  ] as const) {
    const error = await world.error(`await step.do('ask', async (ctx) => ctx.defer(${options}));`);
    assert.match(error.message, message);
  }
});

behaviour('deferred: results that are delivered come back without running anything again', async (world) => {
  const tenant = await deployed(
    world,
    `const a = await ${ask('a')}; await step.sleep('nap', 1100); const b = await ${ask('b')}; return [a, b];`,
  );
  const instance = await tenant.create();
  await accepted(tenant.api, await tokenOf(tenant, 'a'), { result: [1] });
  await accepted(tenant.api, await tokenOf(tenant, 'b'), { result: [2] });
  assert.deepEqual(await instance.completed(), [[1], [2]]);
  assert.deepEqual([tenant.count('a'), tenant.count('b')], [1, 1]);
});

behaviour('deferred: pause keeps the result for later and moves the deadline', async (world) => {
  const tenant = await deployed(world, `return ${ask('ask', '{ timeout: 3000, retries: { limit: 0, delay: 0 } }')};`);
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  await instance.waiting('ask');
  await instance.control('pause');
  await instance.status('paused');
  await pause(3_500);
  await accepted(tenant.api, token, { result: 'while paused' });
  assert.equal((await instance.detail()).status, 'paused');
  await instance.control('resume');
  assert.equal(await instance.completed(), 'while paused');
});

behaviour('deferred: a restart makes old tokens unknown; one from a later step keeps them', async (world) => {
  const tenant = await deployed(
    world,
    `const [a] = await Promise.all([${ask('a', '{}', "{ timeout: '1 hour' }")}, step.do('b', async () => note('b'))]); return a;`,
  );
  const instance = await tenant.create();
  const first = await tokenOf(tenant, 'a');
  await instance.waiting('a');
  await instance.control('restart', { from: { name: 'b' } });
  await tenant.noting('b', 2);
  await accepted(tenant.api, first, { result: 'kept' });
  assert.equal(await instance.completed(), 'kept');
  assert.equal(tenant.count('a'), 1);
  await instance.control('restart');
  const second = await tokenOf(tenant, 'a', 2);
  await refused(tenant.api, first, { result: 'kept' }, 404, 'deferred.not_found');
  await accepted(tenant.api, second, { result: 'anew' });
  assert.equal(await instance.completed(), 'anew');
});

behaviour(
  'deferred: a token that nobody made is unknown, and one of a terminated instance is refused',
  async (world) => {
    const tenant = await deployed(world, `return ${ask()};`);
    const instance = await tenant.create();
    const token = await tokenOf(tenant);
    const [place, life, secret = ''] = token.split('.');
    const forged = `${place}.${life}.${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`;
    const unknown = await refused(tenant.api, forged, { result: 1 }, 404, 'deferred.not_found');
    const nonsense = await refused(tenant.api, 'nonsense', { result: 1 }, 404, 'deferred.not_found');
    assert.equal(unknown.text, nonsense.text);
    await instance.control('terminate');
    await refused(tenant.api, token, { result: 1 }, 409, 'instance.finished');
  },
);

behaviour('deferred: exactly one of result and error is taken, of at most 1 MiB', async (world) => {
  const tenant = await deployed(world, `return (await ${ask()}).length;`);
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  for (const body of [{}, { result: 1, error: { message: 'no' } }, { error: {} }, { result: 1, more: 1 }, [1]]) {
    await refused(tenant.api, token, body, 422, 'request.invalid');
  }
  await refused(tenant.api, token, { result: 'x'.repeat(1_048_575) }, 413, 'payload.too_large');
  await accepted(tenant.api, token, { result: 'x'.repeat(1_048_574) });
  assert.equal(await instance.completed(), 1_048_574);
});

behaviour('deferred: a sensitive result is hidden, and flows on', async (world) => {
  const tenant = await deployed(world, `return (await ${ask('ask', "{ sensitive: 'output' }")}).length;`);
  const instance = await tenant.create();
  await accepted(tenant.api, await tokenOf(tenant), { result: 'secret' });
  const detail = await instance.finished();
  assert.deepEqual([detail.output, stepOf(detail, 'ask').output], [6, '[REDACTED]']);
});

behaviour('deferred: one of another attempt, or inside a value, is fatal and names the step', async (world) => {
  const other = await world.error(`let d; await step.do('one', (ctx) => { d = ctx.defer(); return 1; });
    await step.do('two', () => d);`);
  assert.equal(other.message, 'Step "two" returned a deferred result that another attempt has made');
  const nested = await world.error("await step.do('nested', (ctx) => ({ d: ctx.defer() }));");
  assert.match(nested.message, /^Step "nested" returned a value that cannot be stored: a deferred result/);
  const twice = await world.error("await step.do('twice', (ctx) => { ctx.defer(); return ctx.defer(); });");
  assert.equal(twice.message, 'Step "twice": an attempt has one deferred result. Use a step for each');
});

const COMPLETING = `export default {
  async fetch(request, env) {
    const { token, outcome } = await request.json();
    try { await env.WORKFLOWS.complete(token, outcome); return Response.json({ done: true }); }
    catch (error) { return Response.json({ error: error.message }, { status: 400 }); }
  },
};`;

behaviour('env.WORKFLOWS: complete gives a deferred result of the same tenant its outcome', async (world) => {
  const tenant = await deployed(world, `return ${ask()};`, COMPLETING);
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  const call = (outcome: unknown) => tenant.fetch('POST', '/', { json: { token, outcome } });
  assert.deepEqual((await call({ result: { by: 'fetch' } })).body, { done: true });
  assert.deepEqual(await instance.completed(), { by: 'fetch' });
  assert.match((await call({ result: 2 })).body.error, /^\(deferred\.settled\) /);
});

behaviour("env.WORKFLOWS: complete does not know another tenant's token", async (world) => {
  const ours = await deployed(world, `return ${ask()};`, COMPLETING);
  const theirs = await deployed(world, `return ${ask()};`, COMPLETING);
  const instance = await ours.create();
  const token = await tokenOf(ours);
  const told = async (what: string) =>
    (await theirs.fetch('POST', '/', { json: { token: what, outcome: { result: 1 } } })).body.error;
  assert.match(await told(token), /^\(deferred\.not_found\) /);
  assert.equal(await told(token), await told('nonsense'));
  await accepted(ours.api, token, { result: 'ours' });
  assert.equal(await instance.completed(), 'ours');
});

const killable = async (world: World, body: string) => {
  const { server, operator } = await world.ownServer();
  const tenant = await world.tenant({}, operator);
  await tenant.deploy(workflow(body, TELL));
  return { server, tenant };
};

behaviour('crash: SIGKILL while a result is awaited: the attempt stays open under its token', async (world) => {
  const { server, tenant } = await killable(world, `return ${ask()};`);
  const instance = await tenant.create();
  const token = await tokenOf(tenant);
  await instance.waiting('ask');
  await server.restart('SIGKILL');
  await accepted(tenant.api, token, { result: 'after' });
  const detail = await instance.finished();
  assert.deepEqual([detail.output, attemptsOf(detail).length, tenant.count('ask')], ['after', 1, 1]);
});

behaviour(
  'crash: SIGKILL before the callback has returned: the attempt counts, and another one asks anew',
  async (world) => {
    const { server, tenant } = await killable(
      world,
      `return step.do('ask', { retries: { limit: 2, delay: 50, backoff: 'constant' } }, async (ctx) => {
      const d = ctx.defer(); await tell('ask', d.token); await note('held', ctx.attempt === 1 ? '?hold=never' : ''); return d; });`,
    );
    const instance = await tenant.create();
    const first = await tokenOf(tenant);
    await tenant.noting('held');
    await server.restart('SIGKILL');
    const second = await tokenOf(tenant, 'ask', 2);
    await refused(tenant.api, first, { result: 'old' }, 409, 'deferred.settled');
    await accepted(tenant.api, second, { result: 'new' });
    const detail = await instance.finished();
    assert.deepEqual([detail.output, attemptsOf(detail).length], ['new', 2]);
  },
);

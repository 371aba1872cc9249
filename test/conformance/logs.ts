import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, type Instance, pause, type TenantWorld, workflow } from './world.ts';

const logsOf = async (tenant: TenantWorld, instance: Instance): Promise<Detail[]> => {
  const lines: Detail[] = [];
  for (let search = '?wait=5'; ; ) {
    const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/logs${search}`);
    lines.push(...body.events);
    if (body.done) return lines;
    search = `?wait=5&cursor=${body.cursor}`;
  }
};

const said = (lines: readonly Detail[]): string[] => lines.map(({ level, message }) => `${level} ${message}`);

behaviour('logs: what run() and callbacks say is kept, with its level, its step and its attempt', async (world) => {
  const tenant = await world.deployed(
    workflow(`
      console.log('hello', { a: 1 });
      await step.do('a', { retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
        console.warn('attempt', attempt);
        if (attempt === 1) throw new Error('once more');
      });
      console.error('done');
      return 1;`),
  );
  const instance = await tenant.create();
  await instance.completed();
  const lines = await logsOf(tenant, instance);
  assert.deepEqual(said(lines), ['log hello { a: 1 }', 'warn attempt 1', 'warn attempt 2', 'error done']);
  assert.deepEqual(
    lines.map(({ step, attempt }) => [step, attempt]),
    [
      [undefined, undefined],
      ['a-1', 1],
      ['a-1', 2],
      [undefined, undefined],
    ],
  );
  assert.ok(lines.every(({ time }) => !Number.isNaN(Date.parse(time))));
});

behaviour('logs: a replay says nothing again', async (world) => {
  const tenant = await world.deployed(
    workflow(`
      console.log('one');
      await step.do('a', async () => { console.log('in a'); });
      console.log('two');
      await step.sleep('nap', 1_200);
      console.log('three');
      await step.waitForEvent('w', { type: 'go' });
      console.log('four');`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  await instance.send('go');
  await instance.completed();
  assert.deepEqual(said(await logsOf(tenant, instance)), ['log one', 'log in a', 'log two', 'log three', 'log four']);
});

behaviour('logs: an error that nobody caught stands at their end', async (world) => {
  const tenant = await world.deployed(workflow("console.log('before'); throw new TypeError('broken');"));
  const instance = await tenant.create();
  await instance.finished();
  const [before, error] = await logsOf(tenant, instance);
  assert.deepEqual([before.message, error.level], ['before', 'error']);
  assert.match(error.message, /^Uncaught TypeError: broken\n.*index\.ts:/);
});

behaviour('logs: a flood is bounded, and one line says how many were dropped', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "await step.do('a', async () => { for (let i = 0; i < 5_000; i++) console.log('line ' + i); }); return 1;",
    ),
  );
  const instance = await tenant.create();
  await instance.completed();
  const lines = await logsOf(tenant, instance);
  assert.equal(lines.length, 1_001);
  assert.equal(lines[999].message, 'line 999');
  assert.match(lines[1_000].message, /^4000 lines were dropped: /);
});

behaviour('logs: a long line is cut, and instances keep a mebibyte of them', async (world) => {
  const tenant = await world.deployed(
    workflow(`
      console.log('x'.repeat(20_000));
      for (let turn = 0; turn < 6; turn++) {
        await step.do('say', async () => { for (let i = 0; i < 15; i++) console.log('y'.repeat(16_000)); });
        await step.sleep('nap', 1_100);
      }
      return 1;`),
  );
  const instance = await tenant.create();
  await instance.completed();
  const lines = await logsOf(tenant, instance);
  assert.equal(lines[0].message.length, 16_385);
  const kept = lines.filter(({ message }) => message.startsWith('y')).length;
  assert.ok(kept >= 60 && kept < 70, `${kept} lines`);
  assert.match(lines.at(-1).message, /lines were dropped/);
});

behaviour('logs: lines come while a callback is still at work', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => {
      console.log('begun');
      await note('said');
      await note('held', '?hold=on');
    }); return 1;`),
  );
  const instance = await tenant.create();
  await tenant.noting('held');
  const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/logs?wait=10`);
  assert.deepEqual(said(body.events), ['log begun']);
  assert.equal(body.done, false);
  tenant.release('on');
  await instance.completed();
});

behaviour('logs: as a stream they are the same lines', async (world) => {
  const tenant = await world.deployed(workflow("console.info('one'); console.debug('two'); return 1;"));
  const instance = await tenant.create();
  await instance.completed();
  const { text } = await tenant.api.call('GET', `${instance.path}/logs`, { headers: { accept: 'text/event-stream' } });
  const data = text.match(/^data: .*$/gm) ?? [];
  assert.deepEqual(said(data.map((line) => JSON.parse(line.slice(6)))), ['info one', 'debug two']);
});

behaviour('logs: stand among the events of a subscription, where they were said', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.do('a', async () => 1); console.log('between'); await step.do('b', async () => 2); return 1;"),
  );
  const instance = await tenant.create();
  await instance.completed();
  const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/subscribe?filter=step_completed,log`);
  const names = body.events.map(({ type, stepName, message }: Detail) => `${type} ${stepName ?? message}`);
  assert.deepEqual(names.toSorted(), ['log between', 'step_completed a-1', 'step_completed b-1']);
});

behaviour(
  'logs: what is said has no part in the instance, and a step of a thousand lines costs no record of its limit',
  async (world) => {
    const tenant = await world.deployed(
      workflow(
        "for (let i = 0; i < 3; i++) { console.log('say ' + i); await step.do('a', async () => i); } return step.do('b', async () => 'end');",
      ),
    );
    const instance = await tenant.create();
    assert.equal(await instance.completed(), 'end');
    const detail = await instance.detail();
    assert.deepEqual([detail.stepCount, detail.steps.length], [4, 4]);
  },
);

behaviour('logs: another tenant’s instance is not found', async (world) => {
  const [one, other] = [await world.deployed(workflow('return 1;')), await world.deployed(workflow('return 1;'))];
  const instance = await other.create();
  await one.api.refused(404, 'tenant.not_found', 'GET', `${instance.path}/logs`);
  await one.api.refused(404, 'instance.not_found', 'GET', `${one.instances()}/${instance.id}/logs`);
});

behaviour('logs: of a handler stand with its step', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "await step.do('a', async () => 1, { rollback: async () => { console.log('undone'); } }); throw new Error('no');",
    ),
  );
  const instance = await tenant.create();
  await instance.finished();
  const line = (await logsOf(tenant, instance)).find(({ message }) => message === 'undone');
  assert.equal(line.step, 'a-1');
});

const SAYING_PAGE = `export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/quiet') return new Response('nothing to say');
    console.log('came for', pathname);
    if (pathname === '/fails') throw new TypeError('no such page');
    if (pathname === '/floods') for (let i = 0; i < 3_000; i++) console.info('x'.repeat(100));
    await new Promise((resolve) => setTimeout(resolve, 5));
    console.warn('went');
    return new Response('said');
  },
};`;

behaviour('logs: what default.fetch says is kept by requests, newest first, with what it threw', async (world) => {
  const tenant = await world.deployed(SAYING_PAGE);
  const path = `${tenant.path}/logs`;
  for (const page of ['/a?token=hidden', '/quiet', '/fails']) await tenant.fetch('GET', page);
  const { body, text } = await tenant.api.expect(200, 'GET', path);
  const shown = body.requests.map(({ method, path, status, lines, error }: Detail) => [
    `${method} ${path} ${status}`,
    lines.map(({ level, message }: Detail) => `${level} ${message}`),
    error?.name,
  ]);
  assert.deepEqual(shown, [
    ['GET /fails 502', ['log came for /fails'], 'TypeError'],
    ['GET /a 200', ['log came for /a', 'warn went'], undefined],
  ]);
  assert.ok(!text.includes('hidden'));
  assert.match(body.requests[0].error.stack, /index\.ts:6:/);
  const page = await tenant.api.expect(200, 'GET', `${path}?limit=1`);
  const next = await tenant.api.expect(200, 'GET', `${path}?limit=1&cursor=${encodeURIComponent(page.body.cursor)}`);
  assert.deepEqual([page.body.requests[0].path, next.body.requests[0].path], ['/fails', '/a']);
});

behaviour('logs: a flood of default.fetch is bounded, says how much was dropped, and is answered', async (world) => {
  const tenant = await world.deployed(SAYING_PAGE);
  assert.equal((await tenant.fetch('GET', '/floods')).text, 'said');
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/logs`);
  const { lines } = body.requests[0];
  assert.ok(lines.length <= 1_001);
  assert.match(lines.at(-1).message, /^\d{4} lines were dropped: a request keeps/);
});

behaviour('logs: those of default.fetch are its tenant’s alone, and a bad cursor is 422', async (world) => {
  const [one, other] = [await world.deployed(SAYING_PAGE), await world.tenant()];
  await one.fetch('GET', '/a');
  await other.api.refused(404, 'tenant.not_found', 'GET', `${one.path}/logs`);
  await one.api.refused(422, 'request.invalid', 'GET', `${one.path}/logs?cursor=nonsense`);
  const { body } = await other.api.expect(200, 'GET', `${other.path}/logs`);
  assert.deepEqual(body, { requests: [] });
});

/** Follows the tenant's requests from now on; each call gives the next ones, as soon as there are any. */
const following = async (tenant: TenantWorld) => {
  const path = `${tenant.path}/logs?wait=`;
  let { cursor } = (await tenant.api.expect(200, 'GET', `${path}0`)).body;
  return async (): Promise<Detail[]> => {
    const { body } = await tenant.api.expect(200, 'GET', `${path}20&after=${cursor}`);
    cursor = body.cursor;
    return body.requests;
  };
};

behaviour('logs: those of default.fetch are followed: what comes, oldest first, each request once', async (world) => {
  const tenant = await world.deployed(SAYING_PAGE);
  await tenant.fetch('GET', '/before');
  await pause(50);
  const next = await following(tenant);
  const waiting = next();
  for (const page of ['/a', '/quiet', '/fails', '/b']) await tenant.fetch('GET', page);
  const requests = await waiting;
  while (requests.length < 3) requests.push(...(await next()));
  const shown = requests.map(({ path, status, lines }) => `${path} ${status} ${lines.length}`);
  assert.deepEqual(shown, ['/a 200 2', '/fails 502 1', '/b 200 2']);
  assert.ok(requests.every(({ durationMs }) => durationMs >= 0 && durationMs < 25_000));
});

behaviour('logs: those of default.fetch go on as a stream, behind the last one that was told', async (world) => {
  const tenant = await world.deployed(SAYING_PAGE);
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/logs?wait=0`);
  for (const page of ['/a', '/b']) await tenant.fetch('GET', page);
  const { id, data } = await firstMessage(tenant, body.cursor);
  assert.equal(data.path, '/a');
  assert.equal((await firstMessage(tenant, id)).data.path, '/b');
});

behaviour('logs: following goes one way, and to a place that an answer gave', async (world) => {
  const tenant = await world.tenant();
  for (const query of ['after=nonsense', 'wait=21', 'wait=0&cursor=x', 'wait=0&to=2026-01-31T12:00:00Z']) {
    await tenant.api.refused(422, 'request.invalid', 'GET', `${tenant.path}/logs?${query}`);
  }
});

/** Of a stream of requests: what a client that was cut off gets first when it comes again. */
const firstMessage = async (tenant: TenantWorld, lastEventId: string): Promise<{ id: string; data: Detail }> => {
  const response = await fetch(`${tenant.api.url}${tenant.path}/logs`, {
    headers: {
      authorization: `Bearer ${tenant.api.key}`,
      accept: 'text/event-stream',
      'last-event-id': lastEventId,
    },
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const [, id, data] = /^id: (\S+)\nevent: request\ndata: (.*)\n\n/m.exec(text) ?? [];
    if (id !== undefined && data !== undefined) return { id, data: JSON.parse(data) };
  }
  assert.fail(`no request was told: ${text}`);
};

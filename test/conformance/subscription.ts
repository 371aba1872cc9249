import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, type Instance, type TenantWorld, workflow } from './world.ts';

/** All events there are, page after page, until it says that it is done. */
const eventsOf = async (tenant: TenantWorld, instance: Instance, query = '', after = ''): Promise<Detail[]> => {
  const events: Detail[] = [];
  for (let cursor = after === '' ? '' : `cursor=${after}`; ; ) {
    const search = `${cursor}${query === '' ? '' : `&${query}`}`.replace(/^&/, '');
    const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/subscribe${search && `?${search}`}`);
    events.push(...body.events);
    if (body.done) return events;
    cursor = `cursor=${body.cursor}`;
  }
};

const told = (events: readonly Detail[]): string[] =>
  events.map(({ type, stepName, attempt }) =>
    [type, ...(stepName === undefined ? [] : [stepName]), ...(attempt === undefined ? [] : [attempt])].join(' '),
  );

/** What a stream says, message by message, until it ends; `until` closes it earlier. */
const streamOf = async (tenant: TenantWorld, instance: Instance, headers: Readonly<Record<string, string>> = {}) => {
  const { text, headers: answered } = await tenant.api.call('GET', `${instance.path}/subscribe`, {
    headers: { accept: 'text/event-stream', ...headers },
  });
  assert.match(answered.get('content-type') ?? '', /^text\/event-stream/);
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('id:'))
    .map((part) => {
      const fields = new Map(
        part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      return { id: Number(fields.get('id')), event: fields.get('event'), data: JSON.parse(fields.get('data') ?? '') };
    });
};

const story = workflow(`
  const sum = await step.do('add', { retries: { limit: 2, delay: 1 } }, async ({ attempt }) => { if (attempt === 1) throw new RangeError('not yet'); return { sum: 3 }; });
  await step.sleep('nap', 50);
  const { payload } = await step.waitForEvent('answer', { type: 'go' });
  return [sum, payload];`);

behaviour(
  'subscribe: tells the whole story of an instance, numbered from 1, and is done with its end',
  async (world) => {
    const tenant = await world.deployed(story);
    const instance = await tenant.create();
    await instance.waiting('answer');
    await instance.send('go', 'now');
    await instance.completed();
    const events = await eventsOf(tenant, instance);
    assert.deepEqual(
      events.map(({ eventId }) => eventId),
      events.map((_, index) => index + 1),
    );
    const names = told(events).filter((what) => what !== 'workflow_waiting' && what !== 'workflow_running');
    assert.deepEqual(names, [
      'workflow_queued',
      'workflow_started',
      'step_started add-1',
      'attempt_started add-1 1',
      'attempt_errored add-1 1',
      'attempt_started add-1 2',
      'attempt_completed add-1 2',
      'step_completed add-1',
      'sleep_started nap-1',
      'sleep_completed nap-1',
      'wait_started answer-1',
      'wait_completed answer-1',
      'workflow_completed',
    ]);
    const of = (type: string): Detail => events.find((event) => event.type === type);
    assert.deepEqual(of('step_completed').output, { sum: 3 });
    assert.deepEqual([of('attempt_errored').error.name, of('attempt_errored').retryDelayMs], ['RangeError', 1]);
    assert.equal(of('sleep_started').durationMs, 50);
    assert.equal(of('wait_started').eventType, 'go');
    assert.deepEqual(of('workflow_completed').output, [{ sum: 3 }, 'now']);
    assert.equal(of('step_started').config.retries.limit, 2);
    assert.ok(events.every(({ instanceId }) => instanceId === instance.id));
  },
);

behaviour('subscribe: tells that an instance waits, and that it runs again', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'go' }); return 1;"));
  const instance = await tenant.create();
  await instance.waiting('w');
  const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/subscribe`);
  assert.equal(body.events.at(-1).type, 'workflow_waiting');
  assert.equal(body.done, false);
  await instance.send('go');
  const rest = await eventsOf(tenant, instance, '', body.cursor);
  assert.equal(rest.at(-1).type, 'workflow_completed');
});

behaviour('subscribe: a reader hears of what comes while it waits', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'go' }); return 1;"));
  const instance = await tenant.create();
  await instance.waiting('w');
  const first = await tenant.api.expect(200, 'GET', `${instance.path}/subscribe`);
  const next = tenant.api.expect(200, 'GET', `${instance.path}/subscribe?cursor=${first.body.cursor}`);
  await instance.send('go');
  const { body } = await next;
  assert.ok(body.events.length > 0);
  assert.ok(body.events[0].eventId === first.body.events.at(-1).eventId + 1);
});

behaviour(
  'subscribe: without anything new the answer is empty when the time is up, and the cursor stays',
  async (world) => {
    const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'go' });"));
    const instance = await tenant.create();
    await instance.waiting('w');
    const first = await tenant.api.expect(200, 'GET', `${instance.path}/subscribe`);
    const { body } = await tenant.api.expect(
      200,
      'GET',
      `${instance.path}/subscribe?cursor=${first.body.cursor}&wait=1`,
    );
    assert.deepEqual(body, { events: [], cursor: first.body.cursor, done: false });
  },
);

behaviour('subscribe: filter gives events of these types only, with their own numbers', async (world) => {
  const tenant = await world.deployed(story);
  const instance = await tenant.create();
  await instance.send('go', 'now');
  await instance.completed();
  const all = await eventsOf(tenant, instance);
  const some = await eventsOf(tenant, instance, 'filter=step_completed,workflow_completed');
  assert.deepEqual(told(some), ['step_completed add-1', 'workflow_completed']);
  assert.deepEqual(
    some.map(({ eventId }) => eventId),
    all.filter(({ type }) => type === 'step_completed' || type === 'workflow_completed').map(({ eventId }) => eventId),
  );
});

behaviour(
  'subscribe: as a stream of server-sent events it tells the same, and ends with the instance',
  async (world) => {
    const tenant = await world.deployed(story);
    const instance = await tenant.create();
    await instance.send('go', 'now');
    await instance.completed();
    const events = await eventsOf(tenant, instance);
    const messages = await streamOf(tenant, instance);
    assert.deepEqual(
      messages.map(({ data }) => data),
      events,
    );
    assert.ok(messages.every(({ id, event, data }) => id === data.eventId && event === data.type));
  },
);

behaviour('subscribe: a stream goes on after Last-Event-ID', async (world) => {
  const tenant = await world.deployed(story);
  const instance = await tenant.create();
  await instance.send('go', 'now');
  await instance.completed();
  const messages = await streamOf(tenant, instance, { 'last-event-id': '4' });
  assert.equal(messages[0]?.id, 5);
  assert.equal(messages.at(-1)?.event, 'workflow_completed');
});

behaviour('subscribe: a failed instance ends with its error, after the way back', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.do('a', async () => 1, { rollback: async () => {} }); throw new TypeError('broken');"),
  );
  const instance = await tenant.create();
  await instance.finished();
  const events = await eventsOf(tenant, instance);
  assert.deepEqual(told(events).slice(-7), [
    'rollback_started',
    'rollback_step_started a-1',
    'rollback_attempt_started a-1 1',
    'rollback_attempt_completed a-1 1',
    'rollback_step_completed a-1',
    'rollback_completed',
    'workflow_errored',
  ]);
  assert.deepEqual([events.at(-1).error.name, events.at(-1).error.message], ['TypeError', 'broken']);
});

behaviour('subscribe: pause, resume and terminate are told', async (world) => {
  const tenant = await world.deployed(workflow("await step.sleep('nap', '1 hour');"));
  const instance = await tenant.create();
  await instance.waiting('nap');
  await instance.control('pause');
  await instance.status('paused');
  await instance.control('resume');
  await instance.waiting('nap');
  await instance.control('terminate');
  const names = told(await eventsOf(tenant, instance));
  const order = ['workflow_waiting_for_pause', 'workflow_paused', 'workflow_running', 'workflow_terminated'];
  let from = 0;
  for (const name of order) {
    from = names.indexOf(name, from) + 1;
    assert.ok(from > 0, `${name} in ${names.join(', ')}`);
  }
});

behaviour('subscribe: after a restart the new life is told from its beginning', async (world) => {
  const tenant = await world.deployed(workflow("return step.do('a', async () => note('a'));"));
  const instance = await tenant.create();
  await instance.completed();
  const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/subscribe`);
  await instance.control('restart');
  await tenant.noting('a', 2);
  await instance.completed();
  const events = await eventsOf(tenant, instance, '', body.cursor);
  assert.equal(events[0].type, 'workflow_queued');
  assert.equal(events.at(-1).output, '2');
});

behaviour('subscribe: a sensitive output is redacted', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.do('a', { sensitive: 'output' }, async () => 'hush'); return 1;"),
  );
  const instance = await tenant.create();
  await instance.completed();
  const events = await eventsOf(tenant, instance);
  assert.equal(events.find(({ type }) => type === 'step_completed').output, '[REDACTED]');
  assert.equal(JSON.stringify(events).includes('hush'), false);
});

for (const [query, path] of [
  ['cursor=soon', 'cursor'],
  ['filter=step_finished', 'filter'],
  ['wait=21', 'wait'],
  ['since=1', 'since'],
] as const) {
  behaviour(`subscribe: ${query} is 422`, async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    const instance = await tenant.create();
    const { body } = await tenant.api.refused(422, 'request.invalid', 'GET', `${instance.path}/subscribe?${query}`);
    assert.equal(body.errors[0].path, path);
  });
}

behaviour('subscribe: an unknown instance is 404, as a stream too', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const path = `${tenant.instances()}/nobody/subscribe`;
  await tenant.api.refused(404, 'instance.not_found', 'GET', path);
  await tenant.api.refused(404, 'instance.not_found', 'GET', path, { headers: { accept: 'text/event-stream' } });
});

behaviour('subscribe: a handle gives the events of an instance one by one, to its end', async (world) => {
  const tenant = await world.deployed(`${story}
    export class Reader extends WorkflowEntrypoint {
      async run(event, step) {
        return step.do('read', async () => {
          const handle = await this.env.WORKFLOWS.for('W').get(event.payload.id);
          const subscription = await handle.subscribe({ filter: ['step_completed', 'workflow_completed'] });
          const types = [];
          for await (const { type, stepName, output, timestamp } of subscription) types.push([type, stepName ?? null, output, typeof timestamp]);
          const rest = await handle.subscribe({ cursor: event.payload.cursor });
          const { value } = await rest.next();
          rest[Symbol.dispose]();
          return { types, next: value.eventId, over: (await rest.next()).done };
        });
      }
    }`);
  const instance = await tenant.create();
  const reader = await tenant.create({ id: instance.id, cursor: 4 }, { workflow: 'Reader' });
  await instance.send('go', 'now');
  assert.deepEqual(await reader.completed(), {
    types: [
      ['step_completed', 'add-1', { sum: 3 }, 'number'],
      ['workflow_completed', null, [{ sum: 3 }, 'now'], 'number'],
    ],
    next: 5,
    over: true,
  });
});

for (const [what, options, says] of [
  ['a filter that is none', "{ filter: 'step_completed' }", 'list of types of events'],
  ['a type that there is none of', "{ filter: ['step_finished'] }", '"step_finished"'],
  ['a cursor that is none', '{ cursor: -1 }', 'eventId'],
] as const) {
  behaviour(`subscribe: a handle refuses ${what}, and says what to write`, async (world) => {
    const detail = await world.run(`
      const handle = await this.env.WORKFLOWS.get(event.instanceId);
      return handle.subscribe(${options}).then(() => 'taken', (error) => [error.name, error.message]);`);
    assert.equal(detail.output[0], 'TypeError');
    assert.ok(detail.output[1].includes(says), detail.output[1]);
  });
}

import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, msBetween, stepOf, type TenantWorld, workflow } from './world.ts';

/** `did` and `undo` tell the ledger what a step and its handler have done. */
const saga = (body: string): string =>
  workflow(
    body,
    `const did = (what) => async () => { await note('did ' + what); return what; };
     const undo = (what, more = {}) => ({ rollback: async () => { await note('undid ' + what); }, ...more });`,
  );

const undone = (tenant: TenantWorld): string[] => tenant.noted.filter((what) => what.startsWith('undid '));

const run = async (tenant: TenantWorld): Promise<Detail> => (await tenant.create()).finished();

behaviour('rollback: when the instance fails, handlers run in reverse order of the steps’ starts', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          await step.do('b', did('b'), undo('b'));
          await step.do('c', did('c'));
          throw new TypeError('no way');`),
  );
  const detail = await run(tenant);
  assert.deepEqual(tenant.noted, ['did a', 'did b', 'did c', 'undid b', 'undid a']);
  assert.equal(detail.status, 'errored');
  assert.deepEqual([detail.error.name, detail.error.message], ['TypeError', 'no way']);
  assert.match(detail.error.stack, /index\.ts/);
  assert.deepEqual(detail.rollback, { outcome: 'complete' });
  const undoings = detail.steps.filter(({ type }: Detail) => type === 'rollback');
  assert.deepEqual(
    undoings.map(({ name, count, status, attempts }: Detail) => [name, count, status, attempts.length]),
    [
      ['b', 1, 'completed', 1],
      ['a', 1, 'completed', 1],
    ],
  );
});

behaviour('rollback: a step that failed has started, and is undone too', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          await step.do('b', { retries: { limit: 1, delay: 1 } }, async () => { await note('did b'); throw new Error('broken'); }, undo('b'));`),
  );
  const detail = await run(tenant);
  assert.deepEqual(tenant.noted, ['did a', 'did b', 'did b', 'undid b', 'undid a']);
  assert.equal(detail.error.message, 'broken');
});

behaviour('rollback: a failure that is caught undoes nothing', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          await step.do('b', { retries: { limit: 0, delay: 1 } }, async () => { throw new Error('b'); }, undo('b')).catch(() => {});
          return 'fine';`),
  );
  const detail = await run(tenant);
  assert.deepEqual([detail.status, detail.output, detail.rollback], ['complete', 'fine', undefined]);
  assert.deepEqual(undone(tenant), []);
});

behaviour('rollback: a handler gets the error, the output and the context of its step', async (world) => {
  const tenant = await world.deployed(
    saga(`const tell = { rollback: async ({ ctx, error, output }) => { await note(JSON.stringify([ctx.step, ctx.attempt, ctx.config.retries.limit, error.name, error.message, output ?? null, ctx.signal.aborted])); } };
          await step.do('a', { retries: { limit: 3, delay: 1 } }, async ({ attempt }) => { if (attempt < 2) throw new Error('once more'); return { big: 'x'.repeat(3), at: new Date(0) }; }, tell);
          await step.do('a', { retries: { limit: 0, delay: 1 } }, async () => { throw new RangeError('second'); }, tell);`),
  );
  await run(tenant);
  assert.deepEqual(
    tenant.noted.map((text) => JSON.parse(text)),
    [
      [{ name: 'a', count: 2 }, 1, 0, 'RangeError', 'second', null, false],
      [{ name: 'a', count: 1 }, 2, 3, 'RangeError', 'second', { big: 'xxx', at: '1970-01-01T00:00:00.000Z' }, false],
    ],
  );
});

behaviour('rollback: a handler gets a large output whole', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', async () => 'x'.repeat(900_000), { rollback: async ({ output }) => { await note('length ' + output.length); } });
          throw new Error('no');`),
  );
  await run(tenant);
  assert.deepEqual(tenant.noted, ['length 900000']);
});

behaviour(
  'rollback: parallel steps are undone in reverse order of their starts, however they settled',
  async (world) => {
    const tenant = await world.deployed(
      saga(`const slow = async () => { await new Promise((go) => setTimeout(go, 150)); return 'slow'; };
          await Promise.all([step.do('slow', slow, undo('slow')), step.do('fast', did('fast'), undo('fast'))]);
          throw new Error('no');`),
    );
    await run(tenant);
    assert.deepEqual(undone(tenant), ['undid fast', 'undid slow']);
  },
);

behaviour('rollback: a step that was at work when the instance failed has started, and is undone', async (world) => {
  const tenant = await world.deployed(
    saga(`const never = async () => { await note('did never'); await new Promise(() => {}); };
          const fails = async () => { while ((await note('asked')) < 3); throw new Error('no'); };
          await Promise.all([step.do('never', never, undo('never')), step.do('fails', { retries: { limit: 0, delay: 1 } }, fails)]);`),
  );
  const detail = await run(tenant);
  assert.deepEqual(undone(tenant), ['undid never']);
  assert.deepEqual(detail.rollback, { outcome: 'complete' });
});

behaviour('rollback: handlers have retries of their own, with their delays', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), {
            rollback: async () => { if ((await note('undoing a')) < 3) throw new Error('not yet'); },
            rollbackConfig: { retries: { limit: 4, delay: 300, backoff: 'constant' } },
          });
          throw new Error('no');`),
  );
  const instance = await tenant.create();
  const resting = await instance.until('a handler that waits', ({ waitingFor }) => waitingFor.length > 0);
  assert.equal(resting.status, 'rollingBack');
  assert.deepEqual([resting.waitingFor[0].kind, resting.waitingFor[0].name], ['retry', 'a']);
  const detail = await instance.finished();
  const { attempts, config } = stepOf(detail, 'a', 'rollback');
  assert.deepEqual(config.retries, { limit: 4, delay: 300, backoff: 'constant' });
  assert.deepEqual(
    attempts.map(({ number, error }: Detail) => [number, error?.message]),
    [
      [1, 'not yet'],
      [2, 'not yet'],
      [3, undefined],
    ],
  );
  assert.ok(msBetween(attempts[0].endedAt, attempts[1].startedAt) >= 298);
  assert.deepEqual(detail.rollback, { outcome: 'complete' });
});

behaviour('rollback: the first handler that fails for good stops the rest', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          await step.do('b', did('b'), { rollback: async () => { throw new NonRetryableError('cannot be undone'); } });
          await step.do('c', did('c'), undo('c'));
          throw new Error('first');`),
  );
  const detail = await run(tenant);
  assert.deepEqual(undone(tenant), ['undid c']);
  assert.deepEqual([detail.status, detail.error.message], ['errored', 'first']);
  assert.equal(detail.rollback.outcome, 'failed');
  assert.deepEqual(
    [detail.rollback.error.name, detail.rollback.error.message],
    ['NonRetryableError', 'cannot be undone'],
  );
});

behaviour('rollback: a handler that takes too long is aborted, and has failed', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), {
            rollback: ({ ctx }) => new Promise(() => ctx.signal.addEventListener('abort', () => {})),
            rollbackConfig: { timeout: 200, retries: { limit: 0, delay: 1 } },
          });
          throw new Error('no');`),
  );
  const detail = await run(tenant);
  assert.deepEqual(
    [detail.rollback.outcome, detail.rollback.error.name, detail.rollback.error.message],
    ['failed', 'WorkflowTimeoutError', 'Execution timed out after 200ms'],
  );
});

behaviour('rollback: terminate with rollback undoes the steps, then the instance is terminated', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), { rollback: async ({ error }) => { await note('undid a: ' + error.name); } });
          await step.do('b', did('b'), undo('b'));
          await step.waitForEvent('w', { type: 'go', timeout: '1 hour' });`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  assert.deepEqual(await instance.control('terminate', { rollback: true }), { status: 'rollingBack' });
  const detail = await instance.finished();
  assert.deepEqual([detail.status, detail.error, detail.rollback], ['terminated', undefined, { outcome: 'complete' }]);
  assert.deepEqual(undone(tenant), ['undid b', 'undid a: WorkflowTerminatedError']);
});

behaviour('rollback: terminate with rollback stops a callback that is at work, and undoes its step', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          await step.do('b', async () => { await note('did b'); await new Promise(() => {}); }, undo('b'));`),
  );
  const instance = await tenant.create();
  await tenant.noting('did b');
  await instance.control('terminate', { rollback: true });
  const detail = await instance.finished();
  assert.deepEqual([detail.status, detail.rollback], ['terminated', { outcome: 'complete' }]);
  assert.deepEqual(undone(tenant), ['undid b', 'undid a']);
});

behaviour('rollback: terminate with rollback, where nothing can be undone, just terminates', async (world) => {
  const tenant = await world.deployed(saga("await step.do('a', did('a')); await step.sleep('nap', '1 hour');"));
  const instance = await tenant.create();
  await instance.waiting('nap');
  assert.deepEqual(await instance.control('terminate', { rollback: true }), { status: 'terminated' });
  assert.equal((await instance.detail()).rollback, undefined);
  await instance.refusedControl(409, 'instance.cannot_terminate', { status: 'terminate', rollback: true });
});

behaviour('rollback: terminate without rollback undoes nothing', async (world) => {
  const tenant = await world.deployed(
    saga("await step.do('a', did('a'), undo('a')); await step.sleep('nap', '1 hour');"),
  );
  const instance = await tenant.create();
  await instance.waiting('nap');
  assert.deepEqual(await instance.control('terminate'), { status: 'terminated' });
  assert.deepEqual(undone(tenant), []);
});

/** Its first handler waits until the ledger lets it go on. */
const held = saga(`await step.do('a', did('a'), undo('a'));
  await step.do('b', did('b'), { rollback: async () => { await note('undoing b'); await note('held', '?hold=b'); } });
  throw new Error('no');`);

behaviour('rollback: terminate while it rolls back ends it at once', async (world) => {
  const tenant = await world.deployed(held);
  const instance = await tenant.create();
  await tenant.noting('undoing b');
  assert.equal((await instance.detail()).status, 'rollingBack');
  assert.deepEqual(await instance.control('terminate'), { status: 'terminated' });
  tenant.release('b');
  const detail = await instance.finished();
  assert.deepEqual([detail.status, detail.rollback.outcome], ['terminated', 'failed']);
  assert.deepEqual(undone(tenant), []);
});

behaviour('rollback: terminate with rollback while it rolls back changes nothing', async (world) => {
  const tenant = await world.deployed(held);
  const instance = await tenant.create();
  await tenant.noting('undoing b');
  assert.deepEqual(await instance.control('terminate', { rollback: true }), { status: 'rollingBack' });
  tenant.release('b');
  const detail = await instance.finished();
  assert.deepEqual([detail.status, detail.rollback], ['errored', { outcome: 'complete' }]);
});

behaviour('rollback: a pause takes effect between handlers, and resume goes on with the next one', async (world) => {
  const tenant = await world.deployed(held);
  const instance = await tenant.create();
  await tenant.noting('undoing b');
  assert.deepEqual(await instance.control('pause'), { status: 'waitingForPause' });
  tenant.release('b');
  await instance.status('paused');
  assert.deepEqual(undone(tenant), []);
  await instance.control('resume');
  const detail = await instance.finished();
  assert.deepEqual(detail.rollback, { outcome: 'complete' });
  assert.deepEqual(undone(tenant), ['undid a']);
});

behaviour('rollback: a restart begins anew, without what was undone', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          if ((await step.do('ask', async () => Number(await note('asked')))) < 2) throw new Error('no');
          return 'second time';`),
  );
  const instance = await tenant.create();
  await instance.finished();
  await instance.control('restart');
  const detail = await instance
    .until('the second life', ({ status }) => status === 'complete')
    .catch(() => instance.finished());
  assert.deepEqual([detail.output, detail.rollback], ['second time', undefined]);
  assert.deepEqual(undone(tenant), ['undid a']);
});

behaviour('rollback: a restart from a step keeps nothing of the rollback', async (world) => {
  const tenant = await world.deployed(
    saga(`await step.do('a', did('a'), undo('a'));
          if ((await step.do('ask', async () => Number(await note('asked')))) < 2) throw new Error('no');
          return 'second time';`),
  );
  const instance = await tenant.create();
  await instance.finished();
  await instance.control('restart', { from: { name: 'ask' } });
  const detail = await instance
    .until('the second life', ({ status }) => status === 'complete')
    .catch(() => instance.finished());
  assert.deepEqual([detail.output, detail.steps.length], ['second time', 2]);
  assert.equal(tenant.count('did a'), 1);
});

behaviour('rollback: where the replay does not bring the handlers back, it has failed, and says so', async (world) => {
  const tenant = await world.deployed(
    saga(`if ((await note('run')) < 2) await step.do('a', did('a'), undo('a'));
          throw new Error('no');`),
  );
  const detail = await run(tenant);
  assert.deepEqual([detail.status, detail.error.message], ['errored', 'no']);
  assert.deepEqual([detail.rollback.outcome, detail.rollback.error.name], ['failed', 'RollbackUnavailableError']);
  assert.deepEqual(undone(tenant), []);
});

behaviour('rollback: turns that fail in a row end the instance, and its steps are undone', async (world) => {
  const tenant = await world.tenant({ limits: { cpuMs: 200 } });
  await tenant.deploy(
    saga(`await step.do('a', did('a'), undo('a'));
          await step.do('loop', { retries: { limit: 9, delay: 1 } }, async () => { for (;;); });`),
  );
  const instance = await tenant.create();
  const detail = await instance
    .until('its end', ({ endedAt }) => endedAt !== undefined)
    .catch(() => instance.finished());
  assert.deepEqual([detail.status, detail.error.name], ['errored', 'CpuLimitExceededError']);
  assert.deepEqual(detail.rollback, { outcome: 'complete' });
  assert.deepEqual(undone(tenant), ['undid a']);
});

behaviour(
  'rollback: events that come while it rolls back are kept, and finished instances refuse them',
  async (world) => {
    const tenant = await world.deployed(held);
    const instance = await tenant.create();
    await tenant.noting('undoing b');
    await instance.send('go');
    tenant.release('b');
    assert.equal((await instance.finished()).status, 'errored');
  },
);

behaviour(
  'rollback: a host that is killed while it rolls back goes on with the handler that it was at',
  async (world) => {
    const { server, operator } = await world.ownServer();
    const tenant = await world.tenant({}, operator);
    await tenant.deploy(held);
    const instance = await tenant.create();
    await tenant.noting('undoing b');
    await server.restart('SIGKILL');
    assert.equal((await instance.detail()).status, 'rollingBack');
    tenant.release('b');
    const detail = await instance.finished();
    assert.deepEqual([detail.status, detail.rollback], ['errored', { outcome: 'complete' }]);
    assert.deepEqual([tenant.count('did a'), tenant.count('did b'), tenant.count('undid a')], [1, 1, 1]);
    assert.equal(stepOf(detail, 'b', 'rollback').attempts.length, 2);
  },
);

for (const [what, options, says] of [
  ['is no object', "'undo'", 'rollback'],
  ['lacks the function', '{ rollbackConfig: {} }', 'rollback must be a function'],
  ['has an unknown field', '{ rollback: async () => {}, undo: 1 }', 'no option "undo"'],
  ['has a config with sensitive', "{ rollback: async () => {}, rollbackConfig: { sensitive: 'output' } }", 'sensitive'],
  [
    'has a bad delay',
    "{ rollback: async () => {}, rollbackConfig: { retries: { limit: 1, delay: 'soon' } } }",
    '"soon"',
  ],
] as const) {
  behaviour(`rollback: an option behind the function that ${what} is fatal, and names the step`, async (world) => {
    const detail = await world.run(`await step.do('charge', async () => 1, ${options});`);
    assert.equal(detail.status, 'errored');
    assert.match(detail.error.message, /"charge"/);
    assert.ok(detail.error.message.includes(says), detail.error.message);
  });
}

behaviour('rollback: a handle in a workflow terminates with rollback, and tells how it went', async (world) => {
  const tenant = await world.deployed(
    `${saga(`await step.do('a', did('a'), undo('a')); await step.sleep('nap', '1 hour');`)}
     export class Boss extends WorkflowEntrypoint {
       async run(event, step) {
         const handle = await this.env.WORKFLOWS.for('W').get(event.payload.id);
         await handle.terminate({ rollback: true });
         for (;;) { const status = await handle.status(); if (status.status === 'terminated') return status.rollback; }
       }
     }`,
  );
  const instance = await tenant.create();
  await instance.waiting('nap');
  const boss = await tenant.create({ id: instance.id }, { workflow: 'Boss' });
  assert.deepEqual(await boss.completed(), { outcome: 'complete' });
  assert.deepEqual(undone(tenant), ['undid a']);
});

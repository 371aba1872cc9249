import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, msBetween, stepOf, workflow } from './world.ts';

const gaps = (detail: Detail, name: string): number[] => {
  const { attempts } = stepOf(detail, name);
  return attempts
    .slice(1)
    .map((attempt: Detail, index: number) => msBetween(attempts[index].endedAt, attempt.startedAt));
};

const failing = (retries: string) =>
  workflow(`await step.do("a", { retries: ${retries} }, async () => { throw new Error('no'); });`);

behaviour('retries: limit 5 means at most 6 attempts, numbered from 1', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do("a", { retries: { limit: 5, delay: 1, backoff: 'constant' } }, async ({ attempt }) => {
      await note('attempt ' + attempt); throw new Error('no'); });`),
  );
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.status, 'errored');
  assert.deepEqual(
    tenant.noted,
    [1, 2, 3, 4, 5, 6].map((number) => `attempt ${number}`),
  );
  assert.deepEqual(
    stepOf(detail, 'a').attempts.map(({ number }: Detail) => number),
    [1, 2, 3, 4, 5, 6],
  );
});

behaviour('retries: limit 0 means one attempt', async (world) => {
  const tenant = await world.deployed(failing('{ limit: 0, delay: 1 }'));
  const detail = await (await tenant.create()).finished();
  assert.equal(stepOf(detail, 'a').attempts.length, 1);
});

behaviour('retries: a step that succeeds at its third attempt gives its result', async (world) => {
  const detail = await world.run(`return step.do("a", { retries: { limit: 3, delay: 1 } }, async ({ attempt }) => {
    if (attempt < 3) throw new Error('attempt ' + attempt); return 'done at ' + attempt; });`);
  assert.equal(detail.output, 'done at 3');
  const { attempts } = stepOf(detail, 'a');
  assert.deepEqual(
    attempts.map((attempt: Detail) => attempt.error?.message),
    ['attempt 1', 'attempt 2', undefined],
  );
});

for (const [backoff, expected] of [
  ['constant', [120, 120, 120]],
  ['linear', [120, 240, 360]],
  ['exponential', [120, 240, 480]],
] as const) {
  behaviour(`retries: ${backoff} back-off waits ${expected.join(', ')} ms with a delay of 120`, async (world) => {
    const tenant = await world.deployed(failing(`{ limit: 3, delay: 120, backoff: '${backoff}' }`));
    const found = gaps(await (await tenant.create()).finished(), 'a');
    assert.equal(found.length, 3);
    for (const [index, ms] of expected.entries())
      assert.ok((found[index] ?? 0) >= ms - 2, `${found} against ${expected}`);
    // The next stronger back-off would wait this long; a constant one must not.
    if (backoff === 'constant') assert.ok((found[2] ?? 0) < 340, `${found} is not constant`);
  });
}

behaviour('retries: a delay may be a text', async (world) => {
  const tenant = await world.deployed(failing("{ limit: 1, delay: '1 second', backoff: 'constant' }"));
  const [gap] = gaps(await (await tenant.create()).finished(), 'a');
  assert.ok((gap ?? 0) >= 998, `${gap}`);
});

behaviour('retries: while the delay lasts the status is waiting, for a retry, until a moment', async (world) => {
  const tenant = await world.deployed(failing('{ limit: 1, delay: 60000 }'));
  const detail = await (await tenant.create()).waiting();
  assert.equal(detail.waitingFor.length, 1);
  assert.equal(detail.waitingFor[0].kind, 'retry');
  assert.equal(detail.waitingFor[0].name, 'a');
  const ms = msBetween(stepOf(detail, 'a').attempts[0].endedAt, detail.waitingFor[0].until);
  assert.ok(Math.abs(ms - 60_000) < 50, `${ms}`);
});

behaviour('retries: attempts go on counting after the instance has rested', async (world) => {
  const body = `return step.do("a", { retries: { limit: 2, delay: 1300, backoff: 'constant' } }, async ({ attempt }) => {
    if (attempt < 2) throw new Error('no'); return attempt; });`;
  const detail = await world.run(body);
  assert.equal(detail.output, 2);
  assert.equal(stepOf(detail, 'a').attempts.length, 2);
});

behaviour('retries: the first-seen config of a step is pinned', async (world) => {
  const tenant = await world.deployed(
    workflow(`const round = Number(await note('round'));
    await step.do("a", { retries: { limit: round === 1 ? 1 : 9, delay: 1300, backoff: 'constant' } }, async () => { throw new Error('no'); });`),
  );
  const detail = await (await tenant.create()).finished();
  assert.ok(tenant.count('round') > 1, 'the instance did not replay');
  assert.equal(stepOf(detail, 'a').attempts.length, 2);
});

for (const [what, thrown, before] of [
  ['by class', "new NonRetryableError('stop')", ''],
  ['by class, with a name of its own', "new NonRetryableError('stop', 'PaymentRefused')", ''],
  ['by a class that extends it', "new Stop('stop')", "class Stop extends NonRetryableError { name = 'Stop'; }"],
  ['by name', "Object.assign(new Error('stop'), { name: 'NonRetryableError' })", ''],
] as const) {
  behaviour(`failure: NonRetryableError is not retried, known ${what}`, async (world) => {
    const tenant = await world.deployed(
      workflow(
        `await step.do("a", { retries: { limit: 3, delay: 1 } }, async () => { await note('ran'); throw ${thrown}; });`,
        before,
      ),
    );
    const detail = await (await tenant.create()).finished();
    assert.equal(detail.status, 'errored');
    assert.equal(detail.error.message, 'stop');
    assert.equal(tenant.count('ran'), 1);
  });
}

behaviour('failure: an exhausted step throws its last error into run, where it may be caught', async (world) => {
  const body = `try {
      await step.do("a", { retries: { limit: 1, delay: 1 } }, async ({ attempt }) => { throw new RangeError('attempt ' + attempt); });
    } catch (error) { return { isRange: error instanceof RangeError, name: error.name, message: error.message }; }`;
  assert.deepEqual(await world.output(body), { isRange: true, name: 'RangeError', message: 'attempt 2' });
});

behaviour('timeout: an attempt that takes too long fails with WorkflowTimeoutError and is retried', async (world) => {
  const detail =
    await world.run(`return step.do("slow", { timeout: 60, retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
    if (attempt === 1) await new Promise(() => {}); return attempt; });`);
  assert.equal(detail.output, 2);
  const { error } = stepOf(detail, 'slow').attempts[0];
  assert.equal(error.name, 'WorkflowTimeoutError');
  assert.equal(error.message, 'Execution timed out after 60ms');
});

behaviour('timeout: uncaught, it is the error of the instance', async (world) => {
  const error = await world.error(
    'await step.do("slow", { timeout: 40, retries: { limit: 0, delay: 1 } }, () => new Promise(() => {}));',
  );
  assert.equal(error.name, 'WorkflowTimeoutError');
  assert.equal(error.message, 'Execution timed out after 40ms');
});

behaviour('timeout: the signal of the attempt is aborted', async (world) => {
  const body = `let aborted = 'no';
    return step.do("slow", { timeout: 60, retries: { limit: 1, delay: 50 } }, async ({ attempt, signal }) => {
      if (attempt === 2) return aborted;
      signal.addEventListener('abort', () => { aborted = 'yes, ' + signal.reason.name; });
      await new Promise(() => {});
    });`;
  assert.equal(await world.output(body), 'yes, WorkflowTimeoutError');
});

behaviour('timeout: a late result is ignored', async (world) => {
  const body = `return step.do("slow", { timeout: 500, retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
    await new Promise((resolve) => setTimeout(resolve, attempt === 1 ? 600 : 250)); return 'attempt ' + attempt; });`;
  assert.equal(await world.output(body), 'attempt 2');
});

behaviour(
  'anchor bug 9: a timed-out attempt does not run on beside the retry: its later effects are refused',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`const told = await step.do("slow", { timeout: 500, retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
      if (attempt === 2) { await new Promise((resolve) => setTimeout(resolve, 250)); return 'second'; }
      await new Promise((resolve) => setTimeout(resolve, 600));
      await note('late effect');
    });
    await step.sleep('see whether it comes', 300);
    return told;`),
    );
    assert.equal(await (await tenant.create()).completed(), 'second');
    assert.equal(tenant.count('late effect'), 0);
  },
);

behaviour(
  'cpu: a callback that loops for ever is killed, the attempt counts, the error is CpuLimitExceededError',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`try { await step.do("loop", { retries: { limit: 0, delay: 1 } }, async () => { for (;;); }); }
    catch (error) { return error.name; }`),
      { limits: { cpuMs: 500 } },
    );
    const detail = await (await tenant.create()).finished();
    assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
    assert.equal(detail.output, 'CpuLimitExceededError');
    assert.equal(stepOf(detail, 'loop').attempts.length, 1);
  },
);

behaviour('memory: a callback that takes too much is killed, the error is MemoryLimitExceededError', async (world) => {
  const tenant = await world.deployed(
    workflow(`try { await step.do("hoard", { retries: { limit: 0, delay: 1 } }, async () => {
      const all = []; for (;;) all.push(new Array(100000).fill(all.length)); }); }
    catch (error) { return error.name; }`),
    { limits: { memoryMb: 32 } },
  );
  assert.equal(await (await tenant.create()).completed(), 'MemoryLimitExceededError');
});

behaviour('life: three turns in a row that do not end cleanly end the instance as errored', async (world) => {
  const tenant = await world.deployed(workflow("await note('turn'); for (;;);"), { limits: { cpuMs: 300 } });
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.status, 'errored');
  assert.equal(tenant.count('turn'), 3);
});

const asked = (delay: string, more = ''): string => `
  return step.do('charge', { retries: { limit: 3, delay: ${delay} } }, async ({ attempt }) => {
    if (attempt < 3) throw new TypeError('no ' + attempt); return 'done at ' + attempt; ${more} });`;

behaviour('dynamic delay: a function says how long to wait, from the attempt and its error', async (world) => {
  const tenant = await world.deployed(
    workflow(
      asked(`async ({ ctx, error }) => {
        await note(JSON.stringify([ctx.step, ctx.attempt, ctx.config.retries.limit, error.name, error.message]));
        return ctx.attempt === 1 ? 40 : '1 second'; }`),
    ),
  );
  const detail = await (await tenant.create()).finished();
  assert.equal(detail.output, 'done at 3');
  const [first = 0, second = 0] = gaps(detail, 'charge');
  assert.ok(first >= 38 && first < 900 && second >= 998, `${first}, ${second}`);
  const step = { name: 'charge', count: 1 };
  assert.deepEqual(
    tenant.noted.map((text) => JSON.parse(text)),
    [
      [step, 1, 3, 'TypeError', 'no 1'],
      [step, 2, 3, 'TypeError', 'no 2'],
    ],
  );
  assert.equal(stepOf(detail, 'charge').config.retries.delay, null);
});

behaviour('dynamic delay: a replay does not ask again', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', { retries: { limit: 2, delay: async () => { await note('asked'); return 1_500; } } }, async ({ attempt }) => {
      if (attempt < 2) throw new Error('no'); }); await step.waitForEvent('w', { type: 'go' });`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  await instance.send('go');
  await instance.completed();
  assert.equal(tenant.count('asked'), 1);
});

behaviour('dynamic delay: after a timeout it is asked too', async (world) => {
  const detail =
    await world.run(`return step.do('a', { timeout: 100, retries: { limit: 1, delay: ({ error }) => error.name === 'WorkflowTimeoutError' ? 1 : 'never' } },
    async ({ attempt }) => { if (attempt === 1) await new Promise(() => {}); return attempt; });`);
  assert.equal(detail.output, 2);
});

for (const [what, delay, says] of [
  ['throws', "() => { throw new Error('out of order'); }", /Step "charge": retries\.delay threw: out of order/],
  ['answers with no duration', "() => 'soon'", /Step "charge": retries\.delay answered: "soon" is not a duration/],
  ['answers with too long a duration', "() => '2 years'", /Step "charge": retries\.delay answered: .*366 days/],
  ['never answers', '() => new Promise(() => {})', /Step "charge": retries\.delay did not answer within 5 seconds/],
] as const) {
  behaviour(`dynamic delay: a function that ${what} fails the step without a retry`, async (world) => {
    const detail = await world.run(asked(delay));
    assert.equal(detail.status, 'errored');
    assert.match(detail.error.message, says);
    assert.equal(stepOf(detail, 'charge').attempts.length, 1);
  });
}

behaviour('dynamic delay: a function that loops for ever ends its own instance by the CPU limit', async (world) => {
  const tenant = await world.tenant({ limits: { cpuMs: 200 } });
  await tenant.deploy(workflow(asked('() => { for (;;); }')));
  const instance = await tenant.create();
  const detail = await instance
    .until('its end', ({ endedAt }) => endedAt !== undefined)
    .catch(() => instance.finished());
  assert.deepEqual([detail.status, detail.error.name], ['errored', 'CpuLimitExceededError']);
});

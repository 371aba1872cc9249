import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { msBetween, stepOf, workflow } from './world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

behaviour('sleep: lasts at least as long as it says and gives undefined', async (world) => {
  const detail = await world.run('return (await step.sleep("nap", 150)) === undefined;');
  assert.equal(detail.output, true);
  const nap = stepOf(detail, 'nap', 'sleep');
  assert.ok(msBetween(nap.startedAt, nap.endedAt) >= 149);
});

behaviour('sleep: 0 is allowed', async (world) => {
  assert.equal(await world.output('await step.sleep("nap", 0); return 1;'), 1);
});

behaviour('sleep: the status is waiting, for a sleep, until a moment', async (world) => {
  const tenant = await world.deployed(workflow('await step.sleep("long nap", "2 hours");'));
  const detail = await (await tenant.create()).waiting();
  assert.equal(detail.waitingFor.length, 1);
  const [wait] = detail.waitingFor;
  assert.equal(wait.kind, 'sleep');
  assert.equal(wait.name, 'long nap');
  assert.match(wait.until, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(msBetween(stepOf(detail, 'long nap').startedAt, wait.until), 2 * HOUR);
});

const DURATIONS: readonly (readonly [text: string, ms: number])[] = [
  ['90000', 90_000],
  ["'90 second'", 90 * SECOND],
  ["'90 seconds'", 90 * SECOND],
  ["'5 minutes'", 5 * MINUTE],
  ["'1 hour'", HOUR],
  ["'3 days'", 3 * DAY],
  ["'2 weeks'", 14 * DAY],
  ["'1 month'", 30 * DAY],
  ["'1 year'", 365.25 * DAY],
];

for (const [duration, ms] of DURATIONS) {
  behaviour(`durations: ${duration} is ${ms} ms`, async (world) => {
    const tenant = await world.deployed(workflow(`await step.sleep("nap", ${duration});`));
    const detail = await (await tenant.create()).waiting();
    assert.equal(msBetween(stepOf(detail, 'nap').startedAt, detail.waitingFor[0].until), ms);
  });
}

for (const [duration, shown] of [
  ["'5 bananas'", '5 bananas'],
  ["'10'", '10'],
  ["''", '""'],
  ['NaN', 'NaN'],
  ['Infinity', 'Infinity'],
  ['-1', '-1'],
  ['undefined', 'undefined'],
  ["'-5 seconds'", '-5 seconds'],
] as const) {
  behaviour(`durations: ${duration} is a fatal error that names the step and the value`, async (world) => {
    const error = await world.error(`await step.sleep("my nap", ${duration});`);
    assert.match(error.message, /my nap/);
    assert.ok(error.message.includes(shown), error.message);
  });
}

behaviour(
  "anchor bug 10: sleep('x', 'banana') is an error that names the step and the value, not one of the storage",
  async (world) => {
    const error = await world.error("await step.sleep('x', 'banana');");
    assert.match(error.message, /"x"/);
    assert.match(error.message, /banana/);
    assert.doesNotMatch(error.message, /sql|storage|\bNaN\b|invalid date/i);
  },
);

behaviour('durations: 366 days are allowed, 367 are refused with the limit', async (world) => {
  const tenant = await world.deployed(workflow('await step.sleep("nap", event.payload);'));
  assert.equal((await (await tenant.create('366 days')).waiting()).status, 'waiting');
  const detail = await (await tenant.create('367 days')).finished();
  assert.equal(detail.status, 'errored');
  assert.match(detail.error.message, /366 days/);
});

behaviour('sleepUntil: takes a Date and epoch milliseconds', async (world) => {
  const tenant = await world.deployed(
    workflow(`const at = event.payload;
    await Promise.all([step.sleepUntil('date', new Date(at)), step.sleepUntil('number', at)]);`),
  );
  const at = Date.now() + HOUR;
  const detail = await (await tenant.create(at)).waiting();
  assert.deepEqual(
    detail.waitingFor.map((wait: { name: string; until: string }) => [wait.name, Date.parse(wait.until)]).sort(),
    [
      ['date', at],
      ['number', at],
    ],
  );
});

behaviour('sleepUntil: a moment in the past is over at once', async (world) => {
  assert.equal(await world.output('await step.sleepUntil("past", new Date(0)); return 1;'), 1);
});

behaviour('sleepUntil: something that is no moment is a fatal error that names the step', async (world) => {
  const error = await world.error("await step.sleepUntil('my moment', 'tomorrow');");
  assert.match(error.message, /my moment/);
  assert.match(error.message, /tomorrow/);
});

behaviour('anchor bug 3: sleepUntil is over for good on a replay past its time', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.sleepUntil('moment', event.timestamp.getTime() + 100);
    const { payload } = await step.waitForEvent('go on', { type: 'go' });
    await step.sleepUntil('moment again', event.timestamp.getTime() + 100);
    return payload;`),
  );
  const instance = await tenant.create();
  await instance.waiting('go on');
  await instance.send('go', 'through');
  const detail = await instance.finished();
  assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
  assert.equal(detail.output, 'through');
  assert.equal(detail.steps.filter((step: { type: string }) => step.type === 'sleep').length, 2);
});

behaviour('anchor bug 4: a sleep whose duration varies between replays does not sleep again', async (world) => {
  const tenant = await world.deployed(
    workflow(`const round = Number(await note('round'));
    await step.sleep('nap', round === 1 ? 50 : 3600000);
    await step.waitForEvent('go on', { type: 'go' });
    return 'awake';`),
  );
  const instance = await tenant.create();
  await instance.waiting('go on');
  await instance.send('go');
  assert.equal(await instance.completed(), 'awake');
  assert.ok(tenant.count('round') > 1, 'the instance did not replay');
});

behaviour('anchor bug 5: do("x1000") does not make sleep("x", 1000) vanish', async (world) => {
  const detail = await world.run(`await step.do('x1000', async () => 1); await step.sleep('x', 1000);
    await step.do('x', async () => 2); await step.sleep('x1000', 10);`);
  assert.equal(detail.status, 'complete');
  const sleep = stepOf(detail, 'x', 'sleep');
  assert.ok(msBetween(sleep.startedAt, sleep.endedAt) >= 999, 'the sleep was no sleep');
  assert.equal(stepOf(detail, 'x', 'step').output, 2);
  stepOf(detail, 'x1000', 'sleep');
});

behaviour('identity: count is of kind and name together', async (world) => {
  const detail = await world.run(`await step.do('same', async () => 1); await step.sleep('same', 1);
    await step.do('same', async () => 2); await step.sleep('same', 1);`);
  assert.deepEqual(
    detail.steps.map((step: { type: string; count: number }) => [step.type, step.count]),
    [
      ['step', 1],
      ['sleep', 1],
      ['step', 2],
      ['sleep', 2],
    ],
  );
});

behaviour('sleep: over a second, finished steps do not run again afterwards', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "await step.do('before', async () => note('before')); await step.sleep('nap', 1500); return step.do('after', async () => note('after'));",
    ),
  );
  const instance = await tenant.create();
  const detail = await instance.finished();
  assert.equal(detail.output, '1');
  assert.deepEqual(tenant.noted, ['before', 'after']);
  const nap = stepOf(detail, 'nap');
  assert.ok(msBetween(nap.startedAt, nap.endedAt) >= 1_499);
  assert.ok(msBetween(nap.startedAt, nap.endedAt) < 4_000, 'it woke late');
});

behaviour('sleep: two in parallel wake by themselves, the shorter first', async (world) => {
  const body = `const order = [];
    await Promise.all([step.sleep('long', 300).then(() => order.push('long')), step.sleep('short', 60).then(() => order.push('short'))]);
    return order;`;
  assert.deepEqual(await world.output(body), ['short', 'long']);
});

behaviour(
  'timers: a plain timer of 1 s or more outside a step is fatal, with the hint to use step.sleep',
  async (world) => {
    const error = await world.error('await new Promise((resolve) => setTimeout(resolve, 1000)); return 1;');
    assert.match(error.message, /step\.sleep/);
  },
);

behaviour('timers: a plain timer below 1 s outside a step is allowed', async (world) => {
  assert.equal(await world.output('await new Promise((resolve) => setTimeout(resolve, 20)); return 1;'), 1);
});

behaviour('timers: a timer of more than 1 s is allowed in a step', async (world) => {
  const body =
    "return step.do('a', async () => { await new Promise((resolve) => setTimeout(resolve, 1100)); return 1; });";
  assert.equal(await world.output(body), 1);
});

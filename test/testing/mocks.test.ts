import { afterAll, expect, it } from 'vitest';
import { introspectWorkflowInstance, type TestWorkflow, testWorkflow } from '../../lib/testing/index.ts';

const DAY_MS = 86_400_000;

const SOURCE = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Order extends WorkflowEntrypoint {
  async run(event, step) {
    const price = await step.do('price', { retries: { limit: 3, delay: '1 hour', backoff: 'constant' }, timeout: '10 minutes' },
      async ({ attempt }) => ({ from: 'the shop', attempt }));
    await step.sleep('cool down', '30 days');
    await step.sleepUntil('the end of the month', new Date(event.timestamp.getTime() + 40 * 86_400_000));
    const paid = await step.waitForEvent('payment', { type: 'paid', timeout: '5 days' })
      .then(({ payload }) => payload, (error) => error.name);
    const both = await Promise.all([1, 2].map((n) => step.do('send', async () => n)));
    return { price, paid, both };
  }
}`;

const opened: TestWorkflow[] = [];
const open = async (code = SOURCE, more = {}): Promise<TestWorkflow> => {
  const workflow = await testWorkflow({ source: { code }, ...more });
  opened.push(workflow);
  return workflow;
};
afterAll(async () => {
  await Promise.all(opened.map((workflow) => workflow.dispose()));
});

const shared = open();
let last = 0;
const make = async () => {
  last += 1;
  const workflow = await shared;
  const id = `order-${last}`;
  return {
    workflow,
    id,
    instance: await introspectWorkflowInstance(workflow, id),
    from: workflow.clock.now().getTime(),
  };
};
const REAL = { from: 'the shop', attempt: 1 };

it('lets every wait go by in virtual time, and the clock stand at their end', async () => {
  const { workflow, id, instance, from } = await make();
  await workflow.create({ id });
  expect(await instance.getOutput()).toEqual({ price: REAL, paid: 'WorkflowTimeoutError', both: [1, 2] });
  expect(workflow.clock.now().getTime() - from).toBe(45 * DAY_MS);
});

it('lets no time go by that nobody waits for', async () => {
  const { workflow, id, instance, from } = await make();
  await workflow.create({ id });
  await instance.waitForStatus('waiting');
  expect(await instance.status()).toBe('waiting');
  expect(workflow.clock.now().getTime()).toBe(from);
});

it('gives a step the result of a mock in place of calling it', async () => {
  const { workflow, id, instance } = await make();
  await instance.modify(async (m) => {
    await m.mockStepResult({ name: 'price' }, new Map([['from', 'the test']]));
    await m.mockStepResult({ name: 'send', index: 2 }, 'mocked');
  });
  await workflow.create({ id });
  expect(await instance.waitForStepResult({ name: 'price' })).toEqual(new Map([['from', 'the test']]));
  expect(await instance.waitForStepResult({ name: 'send', index: 2 })).toBe('mocked');
  expect(await instance.getOutput()).toMatchObject({ both: [1, 'mocked'] });
});

it('fails the first attempts of a step, and has the engine try again after the delays', async () => {
  const { workflow, id, instance, from } = await make();
  await instance.modify((m) => m.mockStepError({ name: 'price' }, new RangeError('no price'), 2));
  await workflow.create({ id });
  expect(await instance.waitForStepResult({ name: 'price' })).toEqual({ ...REAL, attempt: 3 });
  expect(workflow.clock.now().getTime() - from).toBe(2 * 3_600_000);
});

it('fails a step for good, and the instance with it', async () => {
  const { workflow, id, instance } = await make();
  await instance.modify((m) => m.mockStepError({ name: 'price' }, new RangeError('no price')));
  await workflow.create({ id });
  await expect(instance.waitForStepResult({ name: 'price' })).rejects.toMatchObject({ name: 'RangeError' });
  expect(await instance.getError()).toEqual({ name: 'RangeError', message: 'no price' });
});

it('lets attempts last until their timeout', async () => {
  const { workflow, id, instance, from } = await make();
  await instance.modify(async (m) => {
    await m.forceStepTimeout({ name: 'price' }, 1);
    await m.disableRetryDelays([{ name: 'price' }]);
  });
  await workflow.create({ id });
  expect(await instance.waitForStepResult({ name: 'price' })).toEqual({ ...REAL, attempt: 2 });
  expect(workflow.clock.now().getTime() - from).toBe(600_000);
});

it('fails a step whose every attempt times out with the error of the engine', async () => {
  const { workflow, id, instance } = await make();
  await instance.modify((m) => m.forceStepTimeout({ name: 'price' }));
  await workflow.create({ id });
  expect(await instance.getError()).toEqual({
    name: 'WorkflowTimeoutError',
    message: 'Execution timed out after 600000ms',
  });
});

it('lets failures and a result take their attempts in turn', async () => {
  const { workflow, id, instance } = await make();
  await instance.modify(async (m) => {
    await m.mockStepError({ name: 'price' }, new Error('first'), 1);
    await m.forceStepTimeout({ name: 'price' }, 1);
    await m.mockStepResult({ name: 'price' }, 'third');
  });
  await workflow.create({ id });
  expect(await instance.waitForStepResult({ name: 'price' })).toBe('third');
});

it('ends sleeps at once, all of them or those that are named', async () => {
  const { workflow, id, instance, from } = await make();
  await instance.modify((m) => m.disableSleeps());
  await workflow.create({ id });
  await instance.waitForStatus('waiting');
  expect(workflow.clock.now().getTime()).toBe(from);

  const other = await make();
  await other.instance.modify((m) => m.disableSleeps([{ name: 'cool down' }]));
  await other.workflow.create({ id: other.id });
  await other.instance.getOutput();
  expect(workflow.clock.now().getTime() - from).toBe(45 * DAY_MS);
});

it('delays no retry where delays are disabled', async () => {
  const { workflow, id, instance, from } = await make();
  await instance.modify(async (m) => {
    await m.disableRetryDelays();
    await m.mockStepError({ name: 'price' }, new Error('busy'), 3);
  });
  await workflow.create({ id });
  expect(await instance.waitForStepResult({ name: 'price' })).toEqual({ ...REAL, attempt: 4 });
  expect(workflow.clock.now().getTime()).toBe(from);
});

it('has an event there before the workflow waits for it', async () => {
  const { workflow, id, instance } = await make();
  await instance.modify((m) => m.mockEvent({ type: 'paid', payload: { amount: 3 } }));
  await workflow.create({ id });
  expect(await instance.getOutput()).toMatchObject({ paid: { amount: 3 } });
});

it('times a wait out although its event is there', async () => {
  const { workflow, id, instance } = await make();
  await instance.modify(async (m) => {
    await m.mockEvent({ type: 'paid' });
    await m.forceEventTimeout({ name: 'payment' });
  });
  await workflow.create({ id });
  expect(await instance.getOutput()).toMatchObject({ paid: 'WorkflowTimeoutError' });
});

it('modifies every instance that is made afterwards', async () => {
  const workflow = await open();
  await workflow.modifyAll((m) => m.mockStepResult({ name: 'price' }, 7));
  const [one, other] = await Promise.all([workflow.create(), workflow.create()]);
  expect(await Promise.all([one.getOutput(), other.getOutput()])).toMatchObject([{ price: 7 }, { price: 7 }]);
});

it('refuses to modify what has begun', async () => {
  const { workflow, id, instance } = await make();
  await workflow.create({ id });
  await expect(instance.modify((m) => m.disableSleeps())).rejects.toThrow('modified before it is created');
});

import { afterAll, expect, it } from 'vitest';
import { type TestWorkflow, type TestWorkflowOptions, testWorkflow } from '../../lib/testing/index.ts';

const opened: TestWorkflow[] = [];
const open = async (body: string, more: Partial<TestWorkflowOptions> = {}): Promise<TestWorkflow> => {
  const code = `
    import { WorkflowEntrypoint } from 'cloudflare:workers';
    export class W extends WorkflowEntrypoint { async run(event: any, step: any) { ${body} } }`;
  const workflow = await testWorkflow({ source: { code }, ...more });
  opened.push(workflow);
  return workflow;
};
afterAll(async () => {
  await Promise.all(opened.map((workflow) => workflow.dispose()));
});

it('moves time by hand, and runs what is due meanwhile', async () => {
  const workflow = await open(`await step.sleep('a', '2 days'); await step.sleep('b', '2 days'); return Date.now();`, {
    startsAt: new Date('2031-05-01T00:00:00Z'),
  });
  const instance = await workflow.create();
  await workflow.clock.advance('3 days');
  expect(await instance.status()).toBe('waiting');
  expect(workflow.clock.now()).toEqual(new Date('2031-05-04T00:00:00Z'));
  await workflow.clock.setTime(new Date('2031-05-05T00:00:00Z'));
  expect(await instance.status()).toBe('complete');
  expect(await instance.getOutput()).toBe(Date.parse('2031-05-05T00:00:00Z'));
  await expect(workflow.clock.setTime(new Date(0))).rejects.toThrow('does not go back');
  await expect(workflow.clock.advance('soon')).rejects.toThrow('is not a duration');
});

it('says at once what an instance ended with that cannot come to the status any more', async () => {
  const workflow = await open(
    `await step.do('pay', { retries: { limit: 0, delay: 0 } }, () => { throw new TypeError('no card') })`,
  );
  const instance = await workflow.create({ id: 'unpaid' });
  await expect(instance.waitForStatus('complete')).rejects.toThrow(
    'The instance unpaid cannot be complete; it has ended at errored with TypeError: no card',
  );
  await expect(instance.getOutput()).rejects.toThrow('no card');
});

it('names the steps that there were when one is waited for that there was not', async () => {
  const workflow = await open(`await step.do('one', async () => 1); await step.sleep('nap', '1 day'); return 2`);
  const instance = await workflow.create({ id: 'short' });
  await expect(instance.waitForStepResult({ name: 'two' })).rejects.toThrow(
    'The instance short has no result of step "two": its steps were "one", "nap"; it has ended at complete',
  );
  await expect(instance.waitForStatus('waiting')).rejects.toThrow('has ended at complete');
});

it('says what an instance waits for that only the test can move', async () => {
  const workflow = await open(`await step.waitForEvent('word', { type: 'word', timeout: '1 day' }); return 'heard'`);
  const instance = await workflow.create({ id: 'deaf' });
  await instance.waitForStatus('waiting');
  await instance.pause();
  expect(await instance.status()).toBe('paused');
  await expect(instance.waitForStatus('complete')).rejects.toThrow(
    'The instance deaf cannot become complete by itself: it is paused',
  );
  await instance.resume();
  await instance.sendEvent({ type: 'word' });
  expect(await instance.getOutput()).toBe('heard');
});

it('lets timers in callbacks run in virtual time, and the time stand while the outside is at work', async () => {
  const outside = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  const workflow = await open(
    `return await step.do('call', { timeout: '1 minute' }, async () => {
      const before = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      const answer = await Promise.race([this.env.SHOP.ask('price', 2), new Promise((resolve) => setTimeout(resolve, 20_000))]);
      return { answer, ms: Date.now() - before, region: this.env.REGION };
    })`,
    {
      env: {
        REGION: 'eu',
        SHOP: {
          ask: (what: string, count: number) => {
            asked.resolve();
            return outside.promise.then((answer) => `${what} ${count}: ${answer}`);
          },
        },
      },
    },
  );
  const instance = await workflow.create();
  await asked.promise;
  outside.resolve('ten');
  expect(await instance.getOutput()).toEqual({ answer: 'price 2: ten', ms: 30_000, region: 'eu' });
});

it('answers fetch by a function of the test, and refuses it without one', async () => {
  const body = `return await step.do('get', { retries: { limit: 0, delay: 0 } }, async () => {
    const response = await fetch('https://shop.example/price', { method: 'POST', body: 'apple' });
    return { status: response.status, text: await response.text() };
  })`;
  const answered = await open(body, {
    fetch: async (request) => new Response(`${request.method} ${await request.text()}`, { status: 201 }),
  });
  expect(await (await answered.create()).getOutput()).toEqual({ status: 201, text: 'POST apple' });
  const refused = await open(body);
  expect((await (await refused.create()).getError()).message).toContain('a test reaches no network');
});

it('shows the workflow the message of what an object of the test throws', async () => {
  const workflow = await open(
    `return await step.do('x', { retries: { limit: 0, delay: 0 } }, () => this.env.SHOP.close())`,
    {
      env: { SHOP: { close: () => Promise.reject(new Error('never closes')) } },
    },
  );
  expect((await (await workflow.create()).getError()).message).toBe('never closes');
});

it('has the result of a step that came from outside', async () => {
  const workflow = await open(`
    let token;
    const asked = step.do('ask', async (ctx: any) => { const deferred = ctx.defer(); token = deferred.token; return deferred; });
    await step.do('tell', () => this.env.WORKFLOWS.complete(token, { result: 'yes' }));
    return await asked;`);
  const instance = await workflow.create();
  expect(await instance.waitForStepResult({ name: 'ask' })).toBe('yes');
  expect(await instance.getOutput()).toBe('yes');
});

it('refuses a source as an upload is refused, and a workflow that it does not export', async () => {
  await expect(open('return ]')).rejects.toThrow('The source of the workflow was refused');
  await expect(open('return 1', { workflow: 'Other' })).rejects.toThrow('exports no workflow Other; it exports W');
});

it('ends an instance that is disposed of', async () => {
  const workflow = await open(`await step.sleep('long', '1 day')`);
  {
    await using instance = await workflow.create({ id: 'brief' });
    await instance.waitForStatus('waiting');
  }
  expect(await workflow.instance('brief').status()).toBe('terminated');
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileFlow } from '../../tenant-examples/onboarding-builder/compile-flow.ts';
import { behaviour } from './registry.ts';
import { stepOf } from './world.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../tenant-examples');
const source = (name: string): string => readFileSync(resolve(EXAMPLES, name), 'utf8');
const input = (name: string): unknown => JSON.parse(source(name));

behaviour('examples: hello runs', async (world) => {
  const tenant = await world.deployed(source('hello/workflow.ts'));
  const instance = await tenant.create(input('hello/input.json'), { workflow: 'Hello' });
  assert.deepEqual(await instance.completed(), { greeting: 'Hello, Ada!', length: 11 });
});

behaviour('examples: approval-chain waits for two people, one after the other', async (world) => {
  const tenant = await world.deployed(source('approval-chain/workflow.ts'));
  const instance = await tenant.create(input('approval-chain/input.json'), { workflow: 'ApprovalChain' });
  await instance.waiting('decision of the team lead');
  await instance.send('approval', { approved: true, by: 'grace' });
  await instance.waiting('decision of the finance');
  await instance.send('approval', { approved: true, by: 'linus' });
  const output = (await instance.completed()) as { outcome: string; decisions: { by: string }[] };
  assert.equal(output.outcome, 'approved');
  assert.deepEqual(
    output.decisions.map(({ by }) => by),
    ['grace', 'linus'],
  );
});

behaviour(
  "examples: approval-chain of another tenant branches on the amount, beside the first one's",
  async (world) => {
    const first = await world.deployed(source('approval-chain/workflow.ts'));
    const acme = await world.deployed(source('approval-chain/acme.ts'));
    const start = (amount: number) =>
      acme.create({ invoice: 'i', amount }, { workflow: 'ApprovalChain', id: `amount-${amount}` });
    const other = await first.create(input('approval-chain/input.json'), { workflow: 'ApprovalChain' });
    const small = (await (await start(100)).completed()) as { approvedBy: string[] };
    assert.deepEqual(small.approvedBy, []);
    const middle = await start(5_000);
    await middle.send('approval', { approved: true, by: 'manager' });
    assert.deepEqual(((await middle.completed()) as { approvedBy: string[] }).approvedBy, ['manager']);
    const large = await start(50_000);
    await large.waiting('approval by the manager');
    await large.send('approval', { approved: true, by: 'manager' });
    await large.waiting('approval by the board');
    await large.send('approval', { approved: false, by: 'board' });
    assert.equal(((await large.completed()) as { outcome: string }).outcome, 'refused');
    assert.equal((await other.detail()).status, 'waiting');
  },
);

behaviour('examples: retry-until-success retries, and catches what is not retryable', async (world) => {
  const tenant = await world.deployed(source('retry-until-success/workflow.ts'));
  const instance = await tenant.create(input('retry-until-success/input.json'), { workflow: 'RetryUntilSuccess' });
  const detail = await instance.finished();
  assert.deepEqual(detail.output, { attempts: 4, charged: 'not charged: the card was reported stolen' });
  assert.equal(stepOf(detail, 'deliver').attempts.length, 4);
  assert.equal(stepOf(detail, 'charge').attempts.length, 1);
});

behaviour('examples: fan-out runs its steps in parallel and ends while a sleep of the race is open', async (world) => {
  const tenant = await world.deployed(source('fan-out/workflow.ts'));
  const instance = await tenant.create(input('fan-out/input.json'), { workflow: 'FanOut' });
  const output = (await instance.completed()) as { total: number; first: string; counts: unknown[] };
  assert.deepEqual([output.total, output.first, output.counts.length], [24, 'fast', 4]);
});

behaviour('examples: stream-report sums up a report that is longer than a value may be', async (world) => {
  const tenant = await world.deployed(source('stream-report/workflow.ts'));
  const instance = await tenant.create(input('stream-report/input.json'), { workflow: 'StreamReport' });
  assert.deepEqual(await instance.completed(), { orders: 200_000, total: 9_900_000 });
  const report = stepOf(await instance.detail(), 'write the report');
  assert.ok(report.output.value.bytes > 1_048_576);
});

behaviour('examples: order-saga undoes what was done, in reverse order', async (world) => {
  const tenant = await world.deployed(source('order-saga/workflow.ts'));
  const broken = await tenant.create(input('order-saga/input.json'), { workflow: 'OrderSaga' });
  const detail = await broken.finished();
  assert.deepEqual([detail.status, detail.error.message], ['errored', 'no carrier answers']);
  assert.deepEqual(detail.rollback, { outcome: 'complete' });
  assert.deepEqual(
    detail.steps.map(({ type, name }: { type: string; name: string }) => `${type} ${name}`),
    ['step reserve stock', 'step take payment', 'step ship', 'rollback take payment', 'rollback reserve stock'],
  );
  const shipped = await tenant.create({ order: '1', items: [] }, { workflow: 'OrderSaga' });
  assert.deepEqual(await shipped.completed(), { outcome: 'shipped', payment: 'P-1', tracking: 'T-1' });
});

behaviour("examples: the default source of Cloudflare's playground runs, started by its own fetch", async (world) => {
  const tenant = await world.deployed(source('cloudflare-playground/workflow.ts'));
  const json = { id: 'from-the-page', payload: input('cloudflare-playground/input.json') };
  const { status, body } = await tenant.fetch('POST', '/', { json });
  assert.equal(status, 200);
  assert.equal(body.id, 'from-the-page');
  assert.equal(typeof body.status.status, 'string');
  assert.deepEqual(await tenant.instance('from-the-page', 'TenantWorkflow').completed(), {
    original: 'Hello, playground!',
    shouted: 'HELLO, PLAYGROUND!!!!',
    length: 21,
  });
});

behaviour("examples: the workflow of Cloudflare's starter guide runs, its fetch starts and tells", async (world) => {
  const tenant = await world.deployed(source('cloudflare-starter/workflow.ts'));
  const { body: started } = await tenant.fetch('GET', '/');
  assert.equal(typeof started.id, 'string');
  const instance = await tenant.create(input('cloudflare-starter/input.json'), { workflow: 'MyWorkflow' });
  await instance.waiting('request-approval');
  await instance.send('approval', { approved: true });
  assert.deepEqual(await instance.completed(), { to: 'ada@example.com', count: 4, approved: true });
  const { body: told } = await tenant.fetch('GET', `/?instanceId=${instance.id}`);
  assert.equal(told.status.status, 'complete');
});

behaviour(
  'examples: agent-plan is posted as source, runs at once, and pays nothing back before a person says so',
  async (world) => {
    const tenant = await world.deployed(source('agent-plan/workflow.ts'));
    const start = () => tenant.create(input('agent-plan/input.json'), { workflow: 'Plan' });
    const [approved, refused] = [await start(), await start()];
    for (const instance of [approved, refused]) {
      await instance.waiting('a person looks at it');
      assert.equal(
        (await instance.detail()).steps.some(({ name }: { name: string }) => name === 'pay back'),
        false,
      );
    }
    await approved.send('decision', { approved: true, by: 'grace' });
    await refused.send('decision', { approved: false, by: 'linus' });
    const refunded = { ticket: 'T-88', outcome: 'refunded', amount: 49, approvedBy: 'grace' };
    assert.deepEqual(await approved.completed(), refunded);
    assert.deepEqual(await refused.completed(), {
      ticket: 'T-88',
      outcome: 'handed over',
      because: 'refused by linus',
    });
  },
);

behaviour('examples: agent-plan with a mistake is rejected, and says in which line', async (world) => {
  const tenant = await world.tenant();
  const broken = source('agent-plan/workflow.ts').replace(
    'return { ticket: id, outcome:',
    'return { ticket: id outcome:',
  );
  const bundle = await tenant.upload(broken);
  assert.equal(bundle.status, 'rejected');
  assert.equal(bundle.problems[0].line, broken.slice(0, broken.indexOf('ticket: id outcome')).split('\n').length);
});

behaviour('examples: a plan that asks nobody pays nothing back before the operator approves it', async (world) => {
  const plan = source('agent-plan/workflow.ts');
  const careless = plan.replace(
    / {4}const decision = await step[\s\S]*?;\n/,
    "    const decision: Decision = { approved: true, by: 'the plan' };\n",
  );
  assert.ok(!careless.includes('waitForEvent'));
  const tenant = await world.deployed(careless);
  const json = { tenants: [tenant.id], before: { step: 'pay *' }, action: 'approve' };
  await world.operator.expect(201, 'PUT', `/v1/policies/${tenant.id}-refunds`, { json });
  const start = () => tenant.create(input('agent-plan/input.json'), { workflow: 'Plan' });
  const [approved, refused] = [await start(), await start()];
  const answer = async (instance: typeof approved, verdict: object) => {
    await instance.waiting('pay back');
    const { waitingFor } = await instance.detail();
    await world.operator.expect(202, 'POST', `${instance.path}/approvals/${waitingFor[0].approval}`, { json: verdict });
  };
  await answer(approved, { approved: true, by: 'grace' });
  await answer(refused, { approved: false, reason: 'too much' });
  assert.deepEqual(await approved.completed(), {
    ticket: 'T-88',
    outcome: 'refunded',
    amount: 49,
    approvedBy: 'the plan',
  });
  const { status, error } = await refused.finished();
  assert.deepEqual([status, error.name], ['errored', 'PolicyRefusedError']);
});

behaviour('examples: a flow drawn in onboarding-builder is compiled, deployed and run', async (world) => {
  const compiled = compileFlow(input('onboarding-builder/flows/team-onboarding.json'));
  assert.ok(compiled.ok);
  const tenant = await world.deployed(compiled.source);
  const small = await tenant.create({ team: 'ants', owner: 'ada', seats: 3 }, { workflow: 'TeamOnboarding' });
  assert.deepEqual(await small.completed(), { team: 'ants', outcome: 'open', account: 'accounts/ants' });
  const large = await tenant.create({ team: 'bees', owner: 'ada', seats: 300 }, { workflow: 'TeamOnboarding' });
  await large.waiting('sales says yes');
  await large.send('sales-decision', { approved: false, by: 'linus' });
  assert.deepEqual(await large.completed(), { team: 'bees', outcome: 'refused by linus' });
});

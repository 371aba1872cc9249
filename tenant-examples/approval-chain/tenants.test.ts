import { type TestWorkflow, testWorkflow } from 'tenon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const DAY_MS = 86_400_000;
const yes = (by: string, type = 'approval') => ({ type, payload: { approved: true, by } });
const no = (by: string, type = 'approval') => ({ type, payload: { approved: false, by } });

describe('acme asks by the amount:', () => {
  let approvals: TestWorkflow;
  beforeAll(async () => {
    approvals = await testWorkflow({ source: new URL('acme.ts', import.meta.url) });
  });
  afterAll(() => approvals.dispose());

  it.each([
    [499, []],
    [500, ['margaret']],
    [9_999, ['margaret']],
    [10_000, ['margaret', 'the board']],
  ])('%i is paid once %j have said yes', async (amount, approvers) => {
    const chain = await approvals.create({ params: { invoice: '117', amount } });
    for (const approver of approvers) await chain.sendEvent(yes(approver));
    expect(await chain.getOutput()).toMatchObject({ outcome: 'paid', approvedBy: approvers });
  });

  it('nothing is paid where the board says no, or nobody says anything for three days', async () => {
    const refused = await approvals.create({ params: { invoice: '118', amount: 20_000 } });
    await refused.sendEvent(yes('margaret'));
    await refused.sendEvent(no('the board'));
    expect(await refused.getOutput()).toMatchObject({ outcome: 'refused', refusedBy: 'the board' });

    const silent = approvals.instance('silent');
    await silent.modify((m) => m.forceEventTimeout({ name: 'approval by the manager' }));
    const before = approvals.clock.now().getTime();
    await approvals.create({ id: 'silent', params: { invoice: '119', amount: 600 } });
    expect(await silent.getOutput()).toMatchObject({ outcome: 'refused', refusedBy: 'silence of the manager' });
    expect(approvals.clock.now().getTime() - before).toBe(3 * DAY_MS);
  });
});

describe('globex asks three, each by an event of its own:', () => {
  const params = { contract: 'C-7', supplier: 'initech' };
  let contracts: TestWorkflow;
  beforeAll(async () => {
    contracts = await testWorkflow({ source: new URL('globex.ts', import.meta.url) });
  });
  afterAll(() => contracts.dispose());

  it('it is filed once all have signed, in whatever order they did', async () => {
    const chain = await contracts.create({ params });
    await chain.sendEvent(yes('portia', 'legal-signs'));
    await chain.sendEvent(yes('ada', 'buyer-signs'));
    await chain.sendEvent(yes('grace', 'security-signs'));
    expect(await chain.getOutput()).toMatchObject({ outcome: 'signed', signedBy: ['ada', 'grace', 'portia'] });
  });

  it('the first no ends it, and those after are not asked', async () => {
    const chain = await contracts.create({ params });
    await chain.sendEvent(yes('ada', 'buyer-signs'));
    await chain.sendEvent(no('grace', 'security-signs'));
    expect(await chain.getOutput()).toMatchObject({ outcome: 'refused', signedBy: ['ada'], refusedBy: 'grace' });
  });
});

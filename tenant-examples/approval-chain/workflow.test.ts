import { type TestWorkflow, testWorkflow } from 'tenon/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const DAY_MS = 86_400_000;
const params = { document: 'plan.pdf', requestedBy: 'ada' };
let approvals: TestWorkflow;

beforeAll(async () => {
  approvals = await testWorkflow({ source: new URL('workflow.ts', import.meta.url) });
});
afterAll(() => approvals.dispose());

it('is approved when both have said yes', async () => {
  const chain = await approvals.create({ params });
  await chain.waitForStatus('waiting');
  expect(await chain.waitForStepResult({ name: 'ask the team lead' })).toBe(
    'Approve plan.pdf: waiting for the team lead',
  );
  await chain.sendEvent({ type: 'approval', payload: { approved: true, by: 'grace' } });
  await chain.sendEvent({ type: 'approval', payload: { approved: true, by: 'linus' } });
  expect(await chain.getOutput()).toMatchObject({ outcome: 'approved' });
});

it('ends with the first no', async () => {
  const chain = approvals.instance('refused');
  await chain.modify((m) => m.mockEvent({ type: 'approval', payload: { approved: false, by: 'grace' } }));
  await approvals.create({ id: 'refused', params });
  expect(await chain.waitForStepResult({ name: 'tell the requester' })).toBe('ada: refused by grace (no reason given)');
  expect(await chain.getOutput()).toMatchObject({ outcome: 'refused' });
});

it('fails when finance says nothing for a week', async () => {
  const chain = approvals.instance('silent');
  await chain.modify(async (m) => {
    await m.mockEvent({ type: 'approval', payload: { approved: true, by: 'grace' } });
    await m.forceEventTimeout({ name: 'decision of the finance' });
  });
  const before = approvals.clock.now().getTime();
  await approvals.create({ id: 'silent', params });
  expect(await chain.getError()).toMatchObject({ name: 'WorkflowTimeoutError' });
  expect(approvals.clock.now().getTime() - before).toBe(7 * DAY_MS);
});

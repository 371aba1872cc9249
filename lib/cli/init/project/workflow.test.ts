import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testWorkflow } from 'tenon/testing';

const source = new URL('workflow.ts', import.meta.url);

test('says welcome once somebody has approved', async () => {
  await using onboarding = await testWorkflow({ source });
  const ada = await onboarding.create({ params: { name: 'ada' } });
  await ada.waitForStatus('waiting');
  await ada.sendEvent({ type: 'approved', payload: { by: 'grace' } });
  assert.equal(await ada.getOutput(), 'acct-ada, approved by grace');
});

test('fails where nobody does within a week, which takes no time here', async () => {
  await using onboarding = await testWorkflow({ source });
  const ada = onboarding.instance('ada');
  await ada.modify((modifier) => modifier.forceEventTimeout({ name: 'approval' }));
  await onboarding.create({ id: 'ada', params: { name: 'ada' } });
  assert.equal((await ada.getError()).name, 'WorkflowTimeoutError');
});

import { expect, it } from 'vitest';
import { buildPrelude } from '../../lib/bundle/guest-prelude.ts';
import { bundleOf, outputIn, useExecutor, workflow } from '../executor/executor-fixture.ts';

const { turn } = useExecutor();

it('has nothing of mocks or virtual time in the guest of production', async () => {
  const prelude = await buildPrelude();
  expect(prelude).not.toMatch(/mocked|virtualTime|never-sent/i);
  expect(await buildPrelude(new URL('../../lib/testing/guest/main.ts', import.meta.url).pathname)).toContain(
    'never-sent',
  );
});

it('pays no heed in production to what tests tell their guests', async () => {
  const bundle = await bundleOf(workflow(`return [await step.do('x', async () => 'real'), Date.now()]`));
  const test = { now: 5, mocks: { attempts: [{ kind: 'result', step: { name: 'x' }, value: '["mocked"]' }] } };
  const start: object = { test };
  expect(outputIn(await turn(bundle, { start }))).toContain('real');
});

import { expect, it } from 'vitest';
import type { BindingHost } from '../../lib/ports/binding-host.ts';
import type { HostMessage } from '../../lib/ports/turn-messages.ts';
import { TurnEffects } from '../../lib/service/turn-effects.ts';

const effectsOf = (call: BindingHost['call']) =>
  new TurnEffects({ call } as BindingHost, { tenant: { id: 'acme', limits: {} } } as never, () => undefined);
const CALL = { kind: 'call', binding: 'BOX', method: 'put', args: '[]', records: [] } as const;

it('are settled only when calls that heed no abort have come to their end', async () => {
  const slow = Promise.withResolvers<string>();
  const aborted: boolean[] = [];
  const effects = effectsOf((caller) => {
    caller.signal.addEventListener('abort', () => aborted.push(true));
    return slow.promise;
  });
  const answers: HostMessage[] = [];
  effects.call({ ...CALL, callId: 1 }, (answer) => answers.push(answer));
  effects.end();
  let isSettled = false;
  const settled = effects.settled().then(() => {
    isSettled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect({ aborted, isSettled }).toEqual({ aborted: [true], isSettled: false });
  slow.resolve('["done"]');
  await settled;
  expect(answers).toEqual([{ kind: 'answer', callId: 1, ok: true, value: '["done"]' }]);
});

it('are settled at once where nothing is under way, and where what was has failed', async () => {
  const effects = effectsOf(() => Promise.reject(new Error('no')));
  await effects.settled();
  const answers: HostMessage[] = [];
  effects.call({ ...CALL, callId: 2 }, (answer) => answers.push(answer));
  await effects.settled();
  expect(answers).toMatchObject([{ callId: 2, ok: false }]);
});

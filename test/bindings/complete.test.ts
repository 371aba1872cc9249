import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../../lib/core/limits.ts';
import { decode } from '../../lib/guest/values.ts';
import { hashToken, tokenPrefix } from '../../lib/service/deferred-token.ts';
import { AT, type GuestWorkflows, makeWorld, type World } from './workflow-world.ts';

const KEY = { tenant: 'ada', workflow: 'Orders', id: 'one' };

describe('env.WORKFLOWS.complete', () => {
  let world: World;
  let WORKFLOWS: GuestWorkflows;
  let token: string;

  beforeEach(async () => {
    world = await makeWorld();
    ({ WORKFLOWS } = await world.addTenant('ada', ['Orders']));
    await WORKFLOWS.create({ id: 'one' });
    const summary = await world.deps.instances.get(KEY);
    token = `${tokenPrefix({ ...KEY, seed: summary?.seed ?? '' })}.${'S'.repeat(43)}`;
    const attempt = { step: { kind: 'do', name: 'ask', count: 1 }, ordinal: 1, attempt: 1, at: AT } as const;
    await world.writeJournal(KEY, [
      { kind: 'started', at: AT },
      { kind: 'attempt_started', ...attempt },
      { kind: 'token_made', ...attempt, hash: hashToken(token) },
      { kind: 'attempt_deferred', ...attempt, until: AT + 60_000 },
    ]);
  });
  afterEach(() => world.remove());

  const outcome = async () => {
    const incarnation = (await world.deps.instances.get(KEY))?.incarnation ?? '';
    const [first] = await world.deps.instances.readInbox({ key: KEY, incarnation, afterSeq: 0, limit: 10 });
    return first?.item.kind === 'completion' ? first.item.outcome : undefined;
  };

  it('gives a result of any kind that a step may have', async () => {
    const result = { at: new Date(5), ids: new Set([1n]) };
    expect(await WORKFLOWS.complete(token, { result })).toBeUndefined();
    const given = await outcome();
    expect(given?.ok === true && decode(String(given.value))).toEqual(result);
  });

  it('gives undefined where that is the result', async () => {
    await WORKFLOWS.complete(token, { result: undefined });
    expect(await outcome()).toEqual({ ok: true, value: '-1' });
  });

  it.each([
    ['an error as such', new RangeError('too much'), 'RangeError'],
    ['its name and message', { name: 'RangeError', message: 'too much' }, 'RangeError'],
    ['a message alone', { message: 'too much' }, 'Error'],
  ])('gives an error by %s', async (_, error, name) => {
    await WORKFLOWS.complete(token, { error });
    expect(await outcome()).toEqual({ ok: false, error: { name, message: 'too much' } });
  });

  it("does not know another tenant's token, in the words for one that does not exist", async () => {
    const bob = await world.addTenant('bob', ['Orders']);
    const refusal = { code: 'deferred.not_found', message: expect.stringMatching(/^\(deferred\.not_found\) /) };
    await expect(bob.WORKFLOWS.complete(token, { result: 1 })).rejects.toMatchObject(refusal);
    await expect(bob.WORKFLOWS.complete('nonsense', { result: 1 })).rejects.toMatchObject(refusal);
    expect(await outcome()).toBeUndefined();
  });

  it('takes one outcome, the same one again, and no other', async () => {
    await WORKFLOWS.for('Orders').complete(token, { result: 1 });
    await WORKFLOWS.complete(token, { result: 1 });
    await expect(WORKFLOWS.complete(token, { result: 2 })).rejects.toThrow(/^\(deferred\.settled\) /);
  });

  it.each([
    [undefined],
    [{}],
    [null],
    [7],
    [{ result: 1, error: { message: 'no' } }],
    [{ error: { name: 5, message: 'no' } }],
    [{ error: { name: 'no message' } }],
    [{ error: 'no' }],
  ])('refuses the outcome %j', async (given) => {
    await expect(WORKFLOWS.complete(token, given)).rejects.toThrow(TypeError);
    expect(await outcome()).toBeUndefined();
  });

  it('refuses what is no token, a result above 1 MiB and an error without end', async () => {
    await expect(WORKFLOWS.complete(5, { result: 1 })).rejects.toThrow(TypeError);
    const result = 'x'.repeat(MAX_VALUE_BYTES);
    await expect(WORKFLOWS.complete(token, { result })).rejects.toMatchObject({ code: 'payload.too_large' });
    const message = 'x'.repeat(16_385);
    await expect(WORKFLOWS.complete(token, { error: { message } })).rejects.toMatchObject({ code: 'request.invalid' });
  });
});

import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../lib/core/records.ts';
import { bundleOf, useExecutor, workflow } from './executor-fixture.ts';

describe('a deferred result', () => {
  const { turn } = useExecutor();

  /** The tokens that callbacks logged by their calls, and the records that went with them. */
  const tokensOf = async (body: string) => {
    const tokens: string[] = [];
    const records: JournalRecord[] = [];
    const ending = await turn(await bundleOf(workflow(body)), {
      start: { env: { variables: {}, bindings: [{ name: 'MAIL', type: 'service', methods: ['send'] }] } },
      onCall: (call, guest) => {
        tokens.push(JSON.parse(call.args)[1]);
        records.push(...call.records);
        guest.send({ kind: 'answer', callId: call.callId, ok: true, value: '-1' });
      },
    });
    return { tokens, records, ending };
  };
  const ASK = 'step.do("ask", async (ctx) => { const d = ctx.defer(); await this.env.MAIL.send(d.token); return d; })';

  it('has a token of 256 real random bits behind the prefix, and the record its hash', async () => {
    const { tokens, records, ending } = await tokensOf(`return ${ASK}`);
    expect(tokens[0]).toMatch(/^prefix\.[A-Za-z0-9_-]{43}$/);
    expect(records.find(({ kind }) => kind === 'token_made')).toMatchObject({ hash: hash('sha256', tokens[0] ?? '') });
    expect(ending).toMatchObject({ kind: 'message', message: { kind: 'blocked' } });
  });

  it('never has the same token twice, in one turn or in another with the same seed', async () => {
    const two = await tokensOf(`await Promise.all([${ASK}, ${ASK}])`);
    const again = await tokensOf(`await Promise.all([${ASK}, ${ASK}])`);
    expect(new Set([...two.tokens, ...again.tokens]).size).toBe(4);
  });

  it('cannot be changed, nor what it is made of', async () => {
    const { tokens } = await tokensOf(`return step.do('ask', async (ctx) => {
      const d = ctx.defer();
      const tries = [
        () => { d.token = 'x'; },
        () => { Object.getPrototypeOf(d).leak = 1; },
        () => { d.constructor.leak = 1; },
      ];
      const outcomes = tries.map((attempt) => { try { attempt(); return 'done'; } catch (error) { return error.name; } });
      await this.env.MAIL.send(outcomes.join());
    })`);
    expect(tokens).toEqual(['TypeError,TypeError,TypeError']);
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type TestWorkflow, testWorkflow } from '../../lib/testing/index.ts';
import { codeBlocks } from './command-lines.ts';
import { asModule } from './snippets.ts';

const TEXT = readFileSync(resolve(import.meta.dirname, '../../docs/rules-of-workflows.md'), 'utf8');

/** The examples of a rule, as the document has them: the wrong one, then the right one. */
const examplesOf = (rule: number): readonly [string, string] => {
  const section = new RegExp(`^## ${rule}\\. [\\s\\S]*?(?=^## )`, 'm').exec(TEXT)?.[0] ?? '';
  const [wrong, right, ...more] = codeBlocks(section).map(({ text }) => text);
  if (wrong === undefined || right === undefined || more.length > 0)
    throw new Error(`rule ${rule} has no two examples`);
  return [wrong, right];
};

const rules = [...TEXT.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));

let workflows: TestWorkflow[] = [];
afterEach(async () => {
  await Promise.all(workflows.map((workflow) => workflow.dispose()));
  workflows = [];
});

const started = async (body: string, env: Readonly<Record<string, object>>, params: object = {}) => {
  const workflow = await testWorkflow({ source: { code: asModule(body) }, env });
  workflows.push(workflow);
  return workflow.create({ id: 'i', params });
};

describe('what the rules of workflows say of their examples:', () => {
  it('each rule is told of here', () => {
    expect(rules).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('1: the mail goes out again, or once', async () => {
    const mails: string[][] = [[], []];
    for (const [index, body] of examplesOf(1).entries()) {
      const env = { MAIL: { send: async (to: string) => void mails[index]?.push(to) } };
      const instance = await started(body, env, { email: 'ada' });
      expect(await instance.getOutput()).toBe('sent');
    }
    expect(mails).toEqual([['ada', 'ada'], ['ada']]);
  });

  it('2: the account is gone, or there', async () => {
    const [wrong, right] = examplesOf(2);
    expect(await (await started(wrong, {})).getOutput()).toBe('nobody knows');
    expect(await (await started(right, {})).getOutput()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('3: the replay takes another way, or the same', async () => {
    const outputs: unknown[] = [];
    for (const body of examplesOf(3)) {
      let asked = 0;
      const env = { FLAGS: { isOn: async () => asked++ > 0 } };
      outputs.push(await (await started(body, env)).getOutput());
    }
    expect(outputs).toEqual([12, 10]);
  });

  it('4: the card is charged twice, or once', async () => {
    const charges: unknown[][] = [[], []];
    for (const [index, body] of examplesOf(4).entries()) {
      let mails = 0;
      const env = {
        BILLING: {
          charge: async (...args: unknown[]) => {
            charges[index]?.push(args);
            return 'R-1';
          },
        },
        MAIL: {
          send: async () => {
            mails += 1;
            if (mails === 1) throw new Error('no connection');
          },
        },
      };
      expect(await (await started(body, env, { amount: 5 })).getOutput()).toBe('R-1');
    }
    expect(charges).toEqual([[[5], [5]], [[5, 'i/charge']]]);
  });

  it('5: the timer is an error, the sleep is none', async () => {
    const [wrong, right] = examplesOf(5);
    expect((await (await started(wrong, {})).getError()).message).toContain('Use step.sleep instead');
    expect(await (await started(right, {})).getOutput()).toBe('waited');
  });

  it('6: the failure is nobody’s, or the instance’s', async () => {
    const [wrong, right] = examplesOf(6);
    const send = async () => {
      throw new Error('nobody to send to');
    };
    expect(await (await started(wrong, { MAIL: { send } })).getOutput()).toBe('told');
    expect(await (await started(right, { MAIL: { send } })).getError()).toMatchObject({ message: 'nobody to send to' });
  });

  it('7: a mistake counts as a refusal, or only a refusal does', async () => {
    const [wrong, right] = examplesOf(7);
    const refusing = { BILLING: { charge: async () => Promise.reject(new Error('card declined')) } };
    const broken = { BILLING: { charge: async () => Promise.reject(new Error('no connection')) } };
    expect(await (await started(wrong, broken)).getOutput()).toBe('declined');
    expect(await (await started(right, refusing)).getOutput()).toBe('declined');
    expect(await (await started(right, broken)).getError()).toMatchObject({ message: 'no connection' });
  });

  it('8: the question is asked six times, or once', async () => {
    const asked = [0, 0];
    for (const [index, body] of examplesOf(8).entries()) {
      const find = async () => {
        asked[index] = (asked[index] ?? 0) + 1;
        return null;
      };
      expect(await (await started(body, { USERS: { find } })).getError()).toMatchObject({ message: 'no such user' });
    }
    expect(asked).toEqual([6, 1]);
  });

  it('9: the result is too large, or its key is not', async () => {
    const [wrong, right] = examplesOf(9);
    expect((await (await started(wrong, {})).getError()).message).toContain('is too large');
    const sizes: number[] = [];
    const FILES = { put: async (_: string, text: string) => void sizes.push(text.length) };
    expect(await (await started(right, { FILES })).getOutput()).toBe('exports/i');
    expect(sizes).toEqual([2_000_000]);
  });
});

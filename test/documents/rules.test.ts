import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestInstance, type TestWorkflow, testWorkflow } from '../../lib/testing/index.ts';
import { codeBlocks } from './command-lines.ts';
import { read } from './documents.ts';

const TEXT = read('docs/rules-of-workflows.md');
const RULES = [...TEXT.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));

/** The examples of a rule, as the document has them: the wrong one, then the right one. */
const examplesOf = (rule: number): readonly string[] => {
  const section = new RegExp(`^## ${rule}\\. [\\s\\S]*?(?=^## )`, 'm').exec(TEXT)?.[0] ?? '';
  return codeBlocks(section).map(({ text }) => text);
};

/** All of them in one workflow, so that one service runs them: the params say which. */
const MODULE = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
export class Rules extends WorkflowEntrypoint {
  run(event, step) {
    return EXAMPLES[event.payload.rule][event.payload.example](event, step, this.env);
  }
}
const EXAMPLES = {
${RULES.map((rule) => `${rule}: [${examplesOf(rule).map((body) => `async (event, step, env) => {\n${body}\n}`)}],`).join('\n')}
};`;

type Calls = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const WRONG = 0;
const RIGHT = 1;

let workflow: TestWorkflow;
/** What the example that runs finds behind `env`. */
let answers: Calls = {};
let count = 0;

/** A binding whose functions are those of the test. */
const binding = (name: string, ...methods: readonly string[]): [string, Calls] => [
  name,
  Object.fromEntries(
    methods.map((method) => [method, (...args: readonly unknown[]) => answers[`${name}.${method}`]?.(...args)]),
  ),
];

beforeAll(async () => {
  const env = Object.fromEntries([
    binding('MAIL', 'send'),
    binding('FLAGS', 'isOn'),
    binding('BILLING', 'charge'),
    binding('USERS', 'find'),
    binding('FILES', 'put'),
  ]);
  workflow = await testWorkflow({ source: { code: MODULE }, env });
});
afterAll(() => workflow.dispose());

const started = async (rule: number, example: number, calls: Calls, params: object = {}): Promise<TestInstance> => {
  answers = calls;
  const id = `rule-${rule}-${example}-${count++}`;
  return workflow.create({ id, params: { ...params, rule, example } });
};
const fails = (message: string) => async () => {
  throw new Error(message);
};

describe('what the rules of workflows say of their examples:', () => {
  it('each rule has a wrong and a right one, and is told of here', () => {
    expect(RULES).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(RULES.filter((rule) => examplesOf(rule).length !== 2)).toEqual([]);
  });

  it('1: the mail goes out again, or once', async () => {
    const mails: unknown[][] = [[], []];
    for (const example of [WRONG, RIGHT]) {
      const send = async (to: unknown) => void mails[example]?.push(to);
      const instance = await started(1, example, { 'MAIL.send': send }, { email: 'ada' });
      expect(await instance.getOutput()).toBe('sent');
    }
    expect(mails).toEqual([['ada', 'ada'], ['ada']]);
  });

  it('2: the account is gone, or there', async () => {
    expect(await (await started(2, WRONG, {})).getOutput()).toBe('nobody knows');
    expect(await (await started(2, RIGHT, {})).getOutput()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('3: the replay takes another way, or the same', async () => {
    const outputs: unknown[] = [];
    for (const example of [WRONG, RIGHT]) {
      let asked = 0;
      outputs.push(await (await started(3, example, { 'FLAGS.isOn': async () => asked++ > 0 })).getOutput());
    }
    expect(outputs).toEqual([12, 10]);
  });

  it('4: the card is charged twice, or once', async () => {
    const charges: unknown[][] = [[], []];
    const ids: string[] = [];
    for (const example of [WRONG, RIGHT]) {
      let mails = 0;
      const charge = async (...args: readonly unknown[]) => {
        charges[example]?.push(args);
        return 'R-1';
      };
      const send = async () => {
        mails += 1;
        if (mails === 1) throw new Error('no connection');
      };
      const instance = await started(4, example, { 'BILLING.charge': charge, 'MAIL.send': send }, { amount: 5 });
      expect(await instance.getOutput()).toBe('R-1');
      ids.push(instance.id);
    }
    expect(charges).toEqual([[[5], [5]], [[5, `${ids[RIGHT]}/charge`]]]);
  });

  it('5: the timer is an error, the sleep is none', async () => {
    expect((await (await started(5, WRONG, {})).getError()).message).toContain('Use step.sleep instead');
    expect(await (await started(5, RIGHT, {})).getOutput()).toBe('waited');
  });

  it('6: the failure is nobody’s, or the instance’s', async () => {
    const calls = { 'MAIL.send': fails('nobody to send to') };
    expect(await (await started(6, WRONG, calls)).getOutput()).toBe('told');
    expect(await (await started(6, RIGHT, calls)).getError()).toMatchObject({ message: 'nobody to send to' });
  });

  it('7: a mistake counts as a refusal, or only a refusal does', async () => {
    const [declined, broken] = [
      { 'BILLING.charge': fails('card declined') },
      { 'BILLING.charge': fails('no connection') },
    ];
    expect(await (await started(7, WRONG, broken)).getOutput()).toBe('declined');
    expect(await (await started(7, RIGHT, declined)).getOutput()).toBe('declined');
    expect(await (await started(7, RIGHT, broken)).getError()).toMatchObject({ message: 'no connection' });
  });

  it('8: the question is asked six times, or once', async () => {
    const asked = [0, 0];
    for (const example of [WRONG, RIGHT]) {
      const find = async () => {
        asked[example] = (asked[example] ?? 0) + 1;
        return null;
      };
      const instance = await started(8, example, { 'USERS.find': find });
      expect(await instance.getError()).toMatchObject({ message: 'no such user' });
    }
    expect(asked).toEqual([6, 1]);
  });

  it('9: the result is too large, or its key is not', async () => {
    expect((await (await started(9, WRONG, {})).getError()).message).toContain('is too large');
    const sizes: number[] = [];
    const put = async (_: unknown, text: unknown) => void sizes.push(String(text).length);
    const instance = await started(9, RIGHT, { 'FILES.put': put });
    expect(await instance.getOutput()).toBe(`exports/${instance.id}`);
    expect(sizes).toEqual([2_000_000]);
  });
});

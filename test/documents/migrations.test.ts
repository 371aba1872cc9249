import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbedded } from '../../lib/embedded.ts';
import { type TestWorkflow, testWorkflow } from '../../lib/testing/index.ts';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { TenantWorld } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { codeBlocks } from './command-lines.ts';
import { read } from './documents.ts';
import { asModule } from './snippets.ts';

const blocksOf = (name: string, language: string): readonly string[] =>
  codeBlocks(read(name))
    .filter((block) => block.language === language)
    .map(({ text }) => text);

describe('the example of docs/migrate-from-step-functions.md', () => {
  const NAME = 'docs/migrate-from-step-functions.md';
  const definition = JSON.parse(blocksOf(NAME, 'json')[0] ?? '') as StateMachineDefinition;
  const [code = '', token = ''] = blocksOf(NAME, 'ts');
  const STATES = { stock: 'Stock', credit: 'Credit', pack: 'Pack one', charge: 'Charge' } as const;
  type FunctionName = keyof typeof STATES;

  /** The functions of both: what they answer, and what they were asked. */
  const functions = (charges: readonly ('Busy' | 'Declined' | 'taken')[]) => {
    const asked: string[] = [];
    let charged = 0;
    return {
      asked,
      answer: (name: FunctionName, input: unknown): unknown => {
        asked.push(`${name} ${JSON.stringify(input)}`);
        if (name === 'pack') return `a box with ${input}`;
        if (name !== 'charge') return 'fine';
        const outcome = charges[charged++] ?? 'taken';
        if (outcome !== 'taken') throw Object.assign(new Error(outcome), { name: outcome });
        return 'R-1';
      },
    };
  };

  const byDefinition = async (
    charges: Parameters<typeof functions>[0],
    order: { readonly [field: string]: number | string[] },
  ) => {
    const { asked, answer } = functions(charges);
    const handlers = Object.entries(STATES).map(([name, state]) => [
      state,
      async (input: { readonly total?: number; readonly items?: readonly string[] }) =>
        answer(name as FunctionName, typeof input === 'string' ? input : { total: input.total, items: input.items }),
    ]);
    const run = new StateMachine(definition).run(order, {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(handlers),
        waitTimeOverrides: { 'Cool off': 0 },
        retryIntervalOverrides: { Charge: 0 },
      },
    });
    return { output: await run.result, asked };
  };

  let workflow: TestWorkflow;
  let answerNow: ReturnType<typeof functions>['answer'] = () => undefined;
  beforeAll(async () => {
    workflow = await testWorkflow({
      source: { code },
      env: { FUNCTIONS_URL: 'https://functions.example.com' },
      fetch: async (request) => {
        try {
          return Response.json(answerNow(new URL(request.url).pathname.slice(1) as FunctionName, await request.json()));
        } catch (error) {
          return new Response('', { status: error instanceof Error && error.name === 'Declined' ? 402 : 503 });
        }
      },
    });
  });
  afterAll(() => workflow.dispose());

  const byClass = async (charges: Parameters<typeof functions>[0], params: object) => {
    const { asked, answer } = functions(charges);
    answerNow = answer;
    const before = workflow.clock.now().getTime();
    const output = await (await workflow.create({ params })).getOutput();
    return { output, asked, tookMs: workflow.clock.now().getTime() - before };
  };

  it.each([
    ['takes the card', [], { outcome: 'sent', parcels: ['a box with lamp', 'a box with shade'], receipt: 'R-1' }],
    [
      'is busy twice',
      ['Busy', 'Busy'],
      { outcome: 'sent', parcels: ['a box with lamp', 'a box with shade'], receipt: 'R-1' },
    ],
    ['declines it', ['Busy', 'Declined'], { outcome: 'refused' }],
  ] as const)(
    'makes the same calls and ends alike as JSON and as code, where the card’s side %s',
    async (_, charges, output) => {
      const order = { total: 50, items: ['lamp', 'shade'] };
      const [machine, own] = [await byDefinition(charges, order), await byClass(charges, order)];
      expect(machine.output).toEqual(output);
      expect(own.output).toEqual(output);
      expect([...own.asked].sort()).toEqual([...machine.asked].sort());
    },
  );

  it('rests for an hour where the order is dear', async () => {
    const { tookMs } = await byClass([], { total: 1_000, items: [] });
    expect(tookMs).toBe(3_600_000);
  });

  it('hands the token out, and has its answer', async () => {
    const tokens: string[] = [];
    const WAREHOUSE = { ask: async (_: string, given: string) => void tokens.push(given) };
    await using asking = await testWorkflow({ source: { code: asModule(token) }, env: { WAREHOUSE } });
    const instance = await asking.create({ params: { item: 'lamp' } });
    await instance.waitForStatus('waiting');
    expect(tokens).toEqual([expect.stringMatching(/.{20,}/)]);
  });
});

it('the example of docs/migrate-from-cloudflare.md runs, and its class is the one from there', async () => {
  const [from = '', to = ''] = blocksOf('docs/migrate-from-cloudflare.md', 'ts');
  const classOf = (code: string): string => /export class[\s\S]*?\n}\n/.exec(code)?.[0] ?? '';
  expect(classOf(to)).toBe(classOf(from));
  const folder = makeFolder();
  const ledger = new Ledger();
  await ledger.listen();
  const options = { port: 0, host: '127.0.0.1', allowPrivateEgress: false, print: () => {} };
  const service = await startEmbedded({ ...options, dataFolder: folder.path });
  try {
    const operator = new Api(service.url, service.operatorKey);
    const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id: 'acme' } });
    const tenant = new TenantWorld('acme', new Api(service.url, body.apiKey), operator, ledger);
    await tenant.api.expect(200, 'PUT', '/v1/tenants/acme/env/GREETING', { json: { value: 'Welcome' } });
    await tenant.deploy(to);
    const answer = await tenant.fetch('POST', '/', { json: { email: 'ada@example.com' } });
    const instance = tenant.instance(answer.body.id, 'Signup');
    await instance.waiting('the confirmation');
    await instance.send('confirmed');
    expect(await instance.completed()).toBe('Welcome, ada@example.com');
  } finally {
    await service.close();
    await ledger.close();
    folder.remove();
  }
});

import { readFileSync } from 'node:fs';
import { type TestWorkflow, testWorkflow } from 'tenon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFlow } from './compile-flow.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const flowOf = (name: string) => JSON.parse(read(`flows/${name}.json`));

const compiled = (flow: unknown): string => {
  const result = compileFlow(flow);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.source;
};

describe('the flow team-onboarding, compiled and deployed,', () => {
  const kept: unknown[] = [];
  const storage = { put: (key: string, value: unknown) => void kept.push([key, value]) };
  let onboarding: TestWorkflow;
  beforeAll(async () => {
    const code = compiled(flowOf('team-onboarding'));
    onboarding = await testWorkflow({ source: { code }, env: { STORAGE: storage } });
  });
  afterAll(() => onboarding.dispose());

  it('is the workflow that lies beside it', () => {
    expect(compiled(flowOf('team-onboarding'))).toBe(read('workflow.ts'));
  });

  it('opens a small account without asking', async () => {
    const instance = await onboarding.create({ params: { team: 'ants', owner: 'ada', seats: 49 } });
    expect(await instance.getOutput()).toEqual({ team: 'ants', outcome: 'open', account: 'accounts/ants' });
    expect(kept.splice(0)).toEqual([['accounts/ants', { title: 'ants (49 seats)', owner: 'ada' }]]);
  });

  it('asks before it opens a large one', async () => {
    const instance = await onboarding.create({ params: { team: 'bees', owner: 'ada', seats: 50 } });
    await instance.waitForStatus('waiting');
    expect(kept).toEqual([]);
    await instance.sendEvent({ type: 'sales-decision', payload: { approved: true, by: 'grace' } });
    expect(await instance.getOutput()).toMatchObject({ outcome: 'open' });
    expect(kept.splice(0)).toEqual([
      ['reviews/bees', { by: 'grace' }],
      ['accounts/bees', { title: 'bees (50 seats)', owner: 'ada', agreedBy: 'grace' }],
    ]);
  });

  it('takes silence for a no', async () => {
    const instance = await onboarding.create({ params: { team: 'wasps', owner: 'ada', seats: 500 } });
    await instance.waitForStatus('waiting');
    await onboarding.clock.advance('3 days');
    expect(await instance.getOutput()).toEqual({ team: 'wasps', outcome: 'refused by nobody' });
    expect(kept).toEqual([]);
  });
});

it('the flow trial, compiled and deployed, calls the CRM, waits 14 days, and lets no value leave its place in a URL', async () => {
  const calls: string[] = [];
  await using trials = await testWorkflow({
    source: { code: compiled(flowOf('trial')) },
    fetch: async (request) => {
      calls.push(`${request.method} ${request.url} ${await request.text()}`);
      return request.method === 'POST' ? Response.json({ id: '../admins?x=1' }) : new Response(null, { status: 204 });
    },
  });
  const before = trials.clock.now().getTime();
  const trial = await trials.create({ params: { email: 'ada@example.com', isCompany: true } });
  expect(await trial.getOutput()).toEqual({ contact: '../admins?x=1' });
  expect(trials.clock.now().getTime() - before).toBe(14 * 86_400_000);
  expect(calls).toEqual([
    'POST https://crm.example.com/contacts {"email":"ada@example.com","tags":{"isCompany":true}}',
    'DELETE https://crm.example.com/contacts/..%2Fadmins%3Fx%3D1/trial ',
  ]);
});

/** A box and an end; `change` is what another example has of its own. */
const small = (make: object, end: object = { title: '{{box.title}}' }) => ({
  workflow: 'Small',
  params: { name: 'string' },
  start: 'box',
  nodes: [
    { id: 'box', kind: 'make', label: 'the box', fields: { title: 'x' }, ...make },
    { id: 'end', kind: 'end', result: end },
  ],
  edges: [{ from: 'box', to: 'end' }],
});

describe('texts of a flow are data:', () => {
  /** As a template would have it. */
  const placeholder = (code: string): string => `$\{${code}}`;
  const texts = {
    quote: `'); globalThis.owned = 1; ('`,
    both: `'"\``,
    template: `\`${placeholder('globalThis.owned = 1')}\``,
    withReference: `${placeholder('owned = 1')}\` {{payload.name}} \`${placeholder('1')}\\`,
    backslash: "\\'; owned = 1; //",
    lines: 'a\nb\r\u2028c\u0000',
    comment: '*/ owned = 1; /*',
  };

  it('whatever they hold comes out as it went in', async () => {
    const { quote: label } = texts;
    await using workflow = await testWorkflow({ source: { code: compiled(small({ label }, texts)) } });
    const instance = await workflow.create({ params: { name: placeholder('name') } });
    const withReference = texts.withReference.replace('{{payload.name}}', () => placeholder('name'));
    expect(await instance.getOutput()).toEqual({ ...texts, withReference });
    expect(await instance.waitForStepResult({ name: label })).toEqual({ title: 'x' });
  });
});

describe('a flow that is none is refused, by the node where it is wrong:', () => {
  const flow = flowOf('team-onboarding');
  const withNode = (id: string, change: object) => ({
    ...flow,
    nodes: flow.nodes.map((node: { id: string }) => (node.id === id ? { ...node, ...change } : node)),
  });
  const withEdges = (...edges: object[]) => ({ ...flow, edges: [...flow.edges, ...edges] });

  it.each([
    ['no object', 7, 'flow', 'a flow is no object'],
    ['an unknown kind', withNode('note', { kind: 'eval' }), 'note', 'kind is "eval"'],
    ['an unknown field', withNode('settle', { code: 'x()' }), 'settle', 'has no field "code"'],
    ['code for a name', withNode('note', { id: 'x; evil()' }), 'nodes[5]', 'id is "x; evil()"'],
    ['code for a class', { ...flow, workflow: 'A {} evil(); class B' }, 'flow', 'workflow is'],
    ['code for a field', small({ fields: { 'a: evil(), b': 1 } }), 'box', 'a field of fields is'],
    [
      'a call that is not offered',
      withNode('note', { call: 'STORAGE.constructor' }),
      'note',
      'call is "STORAGE.constructor"',
    ],
    ['too few values', withNode('note', { with: ['a'] }), 'note', 'STORAGE.put takes 2, got 1'],
    ['no duration', withNode('settle', { for: '1 fortnight' }), 'settle', 'for is "1 fortnight"'],
    ['a label of two lines', withNode('settle', { label: 'a\nb' }), 'settle', 'label is "a\\nb"'],
    [
      'an expression in a reference',
      withNode('done', { result: { a: '{{payload.team.length}}' } }),
      'done',
      '{{payload.team.length}} is not known here',
    ],
    [
      'a reference to what only one way has',
      withNode('done', { result: { by: '{{note.by}}' } }),
      'done',
      '{{note.by}} is not known here',
    ],
    [
      'a reference to what comes later',
      withNode('note', { with: ['a', '{{openLarge.key}}'] }),
      'note',
      'is not known here; known are payload.team',
    ],
    [
      'a prototype for a field',
      small({}, { a: '{{payload.constructor}}' }),
      'end',
      '{{payload.constructor}} is not known here',
    ],
    [
      'a text compared with a number',
      withNode('large', { if: { left: '{{payload.team}}', is: 'equals', right: 5 } }),
      'large',
      'compares a string with a number',
    ],
    [
      'an order of texts',
      withNode('large', { if: { left: '{{payload.team}}', is: 'is below', right: 'b' } }),
      'large',
      'is for numbers',
    ],
    ['an arrow to nowhere', withEdges({ from: 'done', to: 'heaven' }), 'edges[10]', 'there is no node "heaven"'],
    ['a second arrow', withEdges({ from: 'account', to: 'done' }), 'account', 'needs exactly one arrow'],
    [
      'a branch with one way',
      { ...flow, edges: flow.edges.filter(({ when }: { when?: boolean }) => when !== false) },
      'large',
      'needs exactly two arrows',
    ],
    ['an arrow after the end', withEdges({ from: 'done', to: 'settle' }), 'done', 'nothing comes after an end'],
    [
      'a node that no way leads to',
      { ...flow, nodes: [...flow.nodes, { id: 'island', kind: 'end', result: {} }] },
      'island',
      'no way leads here',
    ],
    ['two nodes of one id', { ...flow, nodes: [...flow.nodes, flow.nodes[0]] }, 'account', 'another has this id'],
  ])('%s', (_, json, at, message) => {
    const result = compileFlow(json);
    expect(result).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([{ at, message: expect.stringContaining(message) }]),
    });
  });

  it('one that the README shows', () => {
    const result = compileFlow(withNode('note', { with: ['a', '{{review.mail}}'] }));
    const lines = result.ok ? [] : result.problems.map(({ at, message }) => `${at}: ${message}`);
    expect(read('README.md').split('\n')).toEqual(expect.arrayContaining(lines));
    expect(lines).toHaveLength(1);
  });

  it('a circle', () => {
    const edges = flow.edges.map((edge: { from: string }) =>
      edge.from === 'settle' ? { from: 'settle', to: 'account' } : edge,
    );
    expect(
      compileFlow({ ...flow, edges, nodes: flow.nodes.filter(({ id }: { id: string }) => id !== 'done') }),
    ).toEqual({
      ok: false,
      problems: [{ at: 'settle', message: 'leads back to "account": a flow has no circles' }],
    });
  });

  it('a request whose host a value would name', () => {
    const { fields: _, ...box } = small({}).nodes[0] as { fields: unknown };
    const request = { ...box, kind: 'request', method: 'GET', url: 'https://{{payload.name}}/' };
    expect(compileFlow({ ...small({}), nodes: [request] })).toMatchObject({ ok: false, problems: [{ at: 'box' }] });
  });

  it('ends that so many branches share that the module would have no end', () => {
    const ids = Array.from({ length: 20 }, (_, index) => `n${index}`);
    const branch = { kind: 'branch', if: { left: '{{payload.name}}', is: 'equals', right: 'a' } };
    const nodes = ids.flatMap((id) => [
      { id: `${id}a`, ...branch },
      { id: `${id}b`, ...branch },
    ]);
    // Each layer leads to both of the next one: twice as many ways with every layer.
    const edges = ids.flatMap((id, index) => {
      const next = (side: string) => (index < 19 ? `${ids[index + 1]}${side}` : `end${side}`);
      return ['a', 'b'].flatMap((side) => [
        { from: `${id}${side}`, to: next('a'), when: true },
        { from: `${id}${side}`, to: next('b'), when: false },
      ]);
    });
    const ends = ['enda', 'endb'].map((id) => ({ id, kind: 'end', result: {} }));
    const first = { id: 'first', ...branch };
    const flows = { workflow: 'Wide', params: { name: 'string' }, start: 'first', nodes: [first, ...nodes, ...ends] };
    const start = [
      { from: 'first', to: 'n0a', when: true },
      { from: 'first', to: 'n0b', when: false },
    ];
    const result = compileFlow({ ...flows, edges: [...start, ...edges] });
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).toContain('comes up in too many ways');
  });
});

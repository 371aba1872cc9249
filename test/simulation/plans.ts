import { readFileSync } from 'node:fs';
import { encode } from '../../lib/guest/values.ts';
import type { DeferredOutcome } from '../../lib/ports/workflow-control.ts';
import * as acme from '../../tenant-examples/approval-chain/acme.ts';
import * as approval from '../../tenant-examples/approval-chain/workflow.ts';
import * as playground from '../../tenant-examples/cloudflare-playground/workflow.ts';
import * as starter from '../../tenant-examples/cloudflare-starter/workflow.ts';
import * as fanOut from '../../tenant-examples/fan-out/workflow.ts';
import * as hello from '../../tenant-examples/hello/workflow.ts';
import * as saga from '../../tenant-examples/order-saga/workflow.ts';
import * as retry from '../../tenant-examples/retry-until-success/workflow.ts';
import type { Chance } from './chance.ts';
import type { WorkflowClass } from './simulated-executor.ts';
import { MAX_CALLBACK_MS } from './weather.ts';
import * as stress from './workflows/stress.ts';

/** One kind of instance: what it is started with, what it is told, and what must come out of it. */
export interface Plan {
  readonly tenant: 'acme' | 'globex';
  readonly workflow: string;
  readonly params: unknown;
  /** Sent before anything waits for them. */
  readonly early?: readonly { readonly type: string; readonly payload: unknown }[];
  /** What is sent when it waits for an event of the type, `undefined`: nothing; `n` counts from 1. */
  readonly answer?: (type: string, n: number) => unknown;
  /** What a token of that step is completed with, one after the other. */
  readonly complete?: (step: string) => readonly DeferredOutcome[];
  /** What an operator says to an approval, one after the other; nothing: nobody answers. */
  readonly decide?: (approval: string) => readonly boolean[];
  /** `undefined`: right. */
  readonly check: (output: unknown) => string | undefined;
  /** An error that the workflow may end with where it had to wait for its event too long. */
  readonly mayFailWith?: string;
  /** The message of the error that it must end with, when all that it did has been undone. */
  readonly breaksWith?: RegExp;
  /** What it did may be left as it is, where somebody refuses to have it undone. */
  readonly mayFailToUndo?: boolean;
}

const { Pinned1, Pinned2, ...others } = stress;
const common = {
  Hello: hello.Hello,
  FanOut: fanOut.FanOut,
  OrderSaga: saga.OrderSaga,
  RetryUntilSuccess: retry.RetryUntilSuccess,
  TenantWorkflow: playground.TenantWorkflow,
  MyWorkflow: starter.MyWorkflow,
  ...others,
};

export const VERSIONS = ['v1', 'v2'] as const;

const CLASSES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'acme/v1': { ...common, ApprovalChain: acme.ApprovalChain, Pinned: Pinned1 },
  'acme/v2': { ...common, ApprovalChain: acme.ApprovalChain, Pinned: Pinned2 },
  'globex/v1': { ...common, ApprovalChain: approval.ApprovalChain, Pinned: Pinned1 },
  'globex/v2': { ...common, ApprovalChain: approval.ApprovalChain, Pinned: Pinned2 },
};

export const WORKFLOWS = Object.keys(CLASSES['acme/v1'] ?? {});

export const findWorkflow = (tenant: string, version: string, workflow: string): WorkflowClass => {
  const found = CLASSES[`${tenant}/${version}`]?.[workflow];
  if (found === undefined) throw new Error(`No workflow ${tenant}/${version}/${workflow}`);
  return found as WorkflowClass;
};

const input = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../tenant-examples/${path}`, import.meta.url), 'utf8'));

const gives = (expected: unknown) => (output: unknown) => {
  const [want, got] = [JSON.stringify(expected), JSON.stringify(output)];
  return want === got ? undefined : `gave ${got} and not ${want}`;
};
const YES = { approved: true, by: 'somebody' };

/** The examples, each with its own input: all of them deterministic. */
export const EXAMPLES: readonly Plan[] = [
  {
    tenant: 'globex',
    workflow: 'Hello',
    params: input('hello/input.json'),
    check: gives({ greeting: 'Hello, Ada!', length: 11 }),
  },
  {
    tenant: 'globex',
    workflow: 'ApprovalChain',
    params: input('approval-chain/input.json'),
    answer: () => YES,
    check: gives({ outcome: 'approved', decisions: [YES, YES] }),
  },
  {
    tenant: 'acme',
    workflow: 'ApprovalChain',
    params: input('approval-chain/acme-input.json'),
    answer: () => YES,
    check: gives({
      invoice: '2026-117',
      outcome: 'paid',
      approvedBy: ['somebody', 'somebody'],
      reference: 'PAY-2026-117',
    }),
  },
  {
    tenant: 'acme',
    workflow: 'RetryUntilSuccess',
    params: input('retry-until-success/input.json'),
    check: (output) => {
      const { attempts, ...rest } = output as { attempts: number };
      // An attempt that was lost with its turn counts.
      if (attempts < 4) return `took ${attempts} attempts`;
      return gives({ charged: 'not charged: the card was reported stolen' })(rest);
    },
  },
  {
    tenant: 'acme',
    workflow: 'FanOut',
    params: input('fan-out/input.json'),
    check: gives({
      counts: [
        { word: 'one', letters: 3 },
        { word: 'three', letters: 5 },
        { word: 'fifteen', letters: 7 },
        { word: 'seventeen', letters: 9 },
      ],
      first: 'fast',
      total: 24,
    }),
  },
  {
    tenant: 'globex',
    workflow: 'OrderSaga',
    params: input('order-saga/input.json'),
    // The last attempt may be one that was lost with its turn: it counts.
    breaksWith: /^no carrier answers$|^Attempt 3 ended since/,
    check: () => 'did not break',
  },
  {
    tenant: 'globex',
    workflow: 'TenantWorkflow',
    params: input('cloudflare-playground/input.json'),
    check: gives({ original: 'Hello, playground!', shouted: 'HELLO, PLAYGROUND!!!!', length: 21 }),
  },
  {
    tenant: 'acme',
    workflow: 'MyWorkflow',
    params: input('cloudflare-starter/input.json'),
    early: [{ type: 'approval', payload: { approved: true } }],
    answer: () => ({ approved: true }),
    check: gives({ to: 'ada@example.com', count: 4, approved: true }),
    mayFailWith: 'WorkflowTimeoutError',
  },
];

/** Deterministic whatever the time: for the exhaustive search beside the examples. */
export const STEADY: readonly Plan[] = [
  { tenant: 'acme', workflow: 'Patience', params: { ms: 100 }, check: gives({ first: 'slow', second: 'slow' }) },
  { tenant: 'acme', workflow: 'Charges', params: { count: 4 }, check: gives({ sum: 20 }) },
  { tenant: 'acme', workflow: 'ParallelCharges', params: { count: 5 }, check: gives({ sum: 18 }) },
  {
    tenant: 'acme',
    workflow: 'Collector',
    params: { count: 12, napEvery: 5 },
    early: Array.from({ length: 12 }, (_, index) => ({ type: 'item', payload: { n: index + 1 } })),
    check: gives({ got: Array.from({ length: 12 }, (_, index) => index + 1) }),
  },
  {
    tenant: 'acme',
    workflow: 'Freight',
    params: { chars: 300_000 },
    early: [{ type: 'item', payload: { n: 1, load: 'y'.repeat(5_000) } }],
    check: gives({ length: 305_000, expected: 305_000 }),
  },
  {
    tenant: 'acme',
    workflow: 'Errands',
    // The second callback is still at work when its result comes.
    params: { count: 3, ms: 6_000, timeoutMs: 60_000, resultMs: 3_600_000 },
    complete: (step) => results({ n: numberIn(step) }),
    check: gives({ got: [1, 2, 3] }),
  },
  {
    tenant: 'acme',
    workflow: 'Guarded',
    params: { count: 2 },
    decide: () => [true],
    check: gives({ got: [2, 4, 2, 'refused', 6] }),
  },
  {
    tenant: 'acme',
    workflow: 'Saga',
    params: { count: 2, ms: 3_000 },
    breaksWith: /^the saga breaks$/,
    check: () => 'did not break',
  },
];

const results = (...values: readonly unknown[]): readonly DeferredOutcome[] =>
  values.map((value) => ({ ok: true, value: encode(value) }));
const failure = (name: string): DeferredOutcome => ({ ok: false, error: { name, message: 'not today' } });
const numberIn = (step: string): number => Number(step.split(' ')[1]);

const pick = <K extends string>(output: unknown, key: K): unknown => (output as Record<K, unknown> | null)?.[key];

const isRising = (output: unknown): string | undefined => {
  const got = pick(output, 'got') as number[];
  return got.every((n, index) => index === 0 || n > (got[index - 1] ?? 0)) ? undefined : `out of order: ${got}`;
};

/** One of the examples, or something made to hurt. */
export const drawPlan = (chance: Chance): Plan => {
  const near = (): number =>
    chance.pick([chance.between(1, 60), chance.between(900, 1_100), chance.between(1, 20_000)]);
  const makers: readonly (() => Plan)[] = [
    () => chance.pick(EXAMPLES),
    () => chance.pick(EXAMPLES),
    () => {
      const count = chance.between(1, 9);
      return {
        tenant: 'acme',
        workflow: 'Charges',
        params: { count },
        check: gives({ sum: count * (count + 1) }),
      };
    },
    () => ({
      tenant: 'globex',
      workflow: 'ParallelCharges',
      params: { count: chance.between(1, 8) },
      check: (output) => (typeof pick(output, 'sum') === 'number' ? undefined : 'no sum'),
    }),
    () => ({
      tenant: 'acme',
      workflow: 'Races',
      params: { ms: near() },
      check: (output) => ((pick(output, 'winners') as unknown[]).length === 4 ? undefined : 'no winners'),
    }),
    () => ({
      tenant: 'globex',
      workflow: 'Failures',
      params: { tries: chance.between(0, 4) },
      check: (output) =>
        pick(output, 'late') === 'in time' && pick(output, 'right') === 'rejected' ? undefined : 'wrong outcomes',
    }),
    () => {
      const count = chance.between(1, 16);
      const early = Array.from({ length: chance.between(0, 14) }, (_, n) => ({
        type: 'item',
        payload: { n: n + 1, ...(chance.is(0.2) ? { load: 'z'.repeat(5_000) } : {}) },
      }));
      return {
        tenant: 'acme',
        workflow: 'Collector',
        params: { count, napEvery: chance.between(1, 6) },
        early,
        answer: (_type, n) => ({ n: early.length + n }),
        check: isRising,
      };
    },
    () => ({
      tenant: 'globex',
      workflow: 'Competition',
      params: { ms: near() },
      answer: (_type, n) => ({ n }),
      check: (output) => (pick(output, 'isInOrder') === true ? undefined : 'the pair is out of order'),
    }),
    () => {
      const rounds = chance.between(1, 5);
      return { tenant: 'acme', workflow: 'Dice', params: { rounds }, check: gives({ rounds }) };
    },
    () => ({
      tenant: 'acme',
      workflow: 'Freight',
      params: { chars: chance.is(0.05) ? 300_000 : chance.between(1, 9_000) },
      answer: (_type, n) => ({ n, load: 'y'.repeat(chance.between(1, 9_000)) }),
      check: (output) => (pick(output, 'length') === pick(output, 'expected') ? undefined : 'something got lost'),
    }),
    () => ({
      tenant: 'globex',
      workflow: 'LongCallback',
      params: { ms: chance.between(1, 90_000) },
      answer: (_type, n) => ({ n }),
      check: gives({ slow: 8, quick: 'heard' }),
    }),
    () => ({
      tenant: 'acme',
      workflow: 'Patience',
      params: { ms: near() },
      check: gives({ first: 'slow', second: 'slow' }),
    }),
    () => {
      const count = chance.between(1, 6);
      // What is never answered in time is tried again, and answered by another token.
      const timeoutMs = chance.pick([MAX_CALLBACK_MS, chance.between(1_000, 40_000)]);
      const resultMs = chance.pick([undefined, 3_600_000, chance.between(1_000, 40_000)]);
      return {
        tenant: 'globex',
        workflow: 'Errands',
        params: { count, ms: near(), timeoutMs, ...(resultMs !== undefined && { resultMs }) },
        complete: (step) => {
          const n = numberIn(step);
          return chance.pick([
            () => results({ n }),
            () => results({ n, load: chance.is(0.2) ? 'w'.repeat(300_000) : 'w'.repeat(5_000) }),
            () => results({ n }, { n }),
            () => results({ n }, { n: n + 100 }),
            () => [failure('Error')],
            () => [failure('Error'), ...results({ n })],
            () => [],
          ])();
        },
        check: (output) => ((pick(output, 'got') as unknown[]).length === count ? undefined : 'something is missing'),
        mayFailWith: 'WorkflowTimeoutError',
      };
    },
    () => ({
      tenant: 'acme',
      workflow: 'Saga',
      params: { count: chance.between(0, 6), ms: near() },
      breaksWith: /^the saga breaks$/,
      check: () => 'did not break',
    }),
    () => {
      const count = chance.between(0, 5);
      const breaks = chance.is(0.3);
      return {
        tenant: 'globex',
        workflow: 'Guarded',
        params: { count, breaks },
        decide: () => chance.pick([[true], [true], [true, true], [true, false], [false], [false, true], []]),
        ...(breaks && { breaksWith: /^the guarded one breaks$/, mayFailToUndo: true }),
        check: (output: unknown) => {
          if (breaks) return 'did not break';
          const got = pick(output, 'got') as readonly unknown[];
          return got.length === count + 3 && got[count + 1] === 'refused' ? undefined : `gave ${JSON.stringify(got)}`;
        },
      };
    },
    () => ({ tenant: 'acme', workflow: 'Pinned', params: {}, check: gives({ isPinned: true }) }),
  ];
  return chance.pick(makers)();
};

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GoldenJournal } from './golden-journal.ts';

export const EXAMPLES_FOLDER = resolve(import.meta.dirname, '../../tenant-examples');

/** An event of the example's run, sent as soon as the instance waits in that step. */
export interface ExampleEvent {
  readonly inStep: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface Example {
  readonly folder: string;
  readonly workflow: string;
  /** Another tenant's shape of the example has its own set of files, which begin with this. */
  readonly prefix: '' | 'acme-' | 'globex-';
  readonly source: string;
  /** Written by hand, whatever the golden journal says. */
  readonly output: unknown;
  /** The message of the error that it ends with. @default it completes */
  readonly failsWith?: string;
}

const example = (folder: string, workflow: string, output: unknown): Example => ({
  folder,
  workflow,
  prefix: '',
  source: `${folder}/workflow.ts`,
  output,
});

export const CATALOGUE: readonly Example[] = [
  example('hello', 'Hello', { greeting: 'Hello, Ada!', length: 11 }),
  example('approval-chain', 'ApprovalChain', {
    outcome: 'approved',
    decisions: [
      { approved: true, by: 'grace' },
      { approved: true, by: 'linus', comment: 'within the budget' },
    ],
  }),
  {
    folder: 'approval-chain',
    workflow: 'ApprovalChain',
    prefix: 'acme-',
    source: 'approval-chain/acme.ts',
    output: { invoice: '2026-117', outcome: 'paid', approvedBy: ['margaret', 'the board'], reference: 'PAY-2026-117' },
  },
  {
    folder: 'approval-chain',
    workflow: 'ApprovalChain',
    prefix: 'globex-',
    source: 'approval-chain/globex.ts',
    output: { contract: 'C-7', outcome: 'signed', signedBy: ['ada', 'grace', 'portia'], filed: 'initech/C-7' },
  },
  example('retry-until-success', 'RetryUntilSuccess', {
    attempts: 4,
    charged: 'not charged: the card was reported stolen',
  }),
  example('fan-out', 'FanOut', {
    counts: [
      { word: 'one', letters: 3 },
      { word: 'three', letters: 5 },
      { word: 'fifteen', letters: 7 },
      { word: 'seventeen', letters: 9 },
    ],
    first: 'fast',
    total: 24,
  }),
  example('stream-report', 'StreamReport', { orders: 200_000, total: 9_900_000 }),
  example('cron-digest', 'CronDigest', 'On demand\n- The printer is on fire\n- The fire is out of paper'),
  { ...example('order-saga', 'OrderSaga', undefined), failsWith: 'no carrier answers' },
  example('onboarding-builder', 'TeamOnboarding', { team: 'bees', outcome: 'open', account: 'accounts/bees' }),
  example('agent-plan', 'Plan', { ticket: 'T-88', outcome: 'refunded', amount: 40, approvedBy: 'grace' }),
  example('cloudflare-playground', 'TenantWorkflow', {
    original: 'Hello, playground!',
    shouted: 'HELLO, PLAYGROUND!!!!',
    length: 21,
  }),
  example('cloudflare-starter', 'MyWorkflow', { to: 'ada@example.com', count: 4, approved: true }),
];

export const titleOf = ({ folder, prefix }: Example): string =>
  prefix === '' ? folder : `${folder} of ${prefix.slice(0, -1)}`;

const place = (path: string): string => resolve(EXAMPLES_FOLDER, path);

export const readText = (path: string): string => readFileSync(place(path), 'utf8');

export const readInput = ({ folder, prefix }: Example): unknown =>
  JSON.parse(readText(`${folder}/${prefix}input.json`));

/** None where the example has no such file: its workflow waits for no event. */
export const readEvents = ({ folder, prefix, source }: Example): readonly ExampleEvent[] =>
  readText(source).includes('waitForEvent') ? JSON.parse(readText(`${folder}/${prefix}events.json`)) : [];

export const readGolden = ({ folder, prefix }: Example): GoldenJournal =>
  JSON.parse(readText(`${folder}/${prefix}journal.json`));

export const writeGolden = ({ folder, prefix }: Example, golden: GoldenJournal): void =>
  writeFileSync(place(`${folder}/${prefix}journal.json`), `${JSON.stringify(golden, undefined, 2)}\n`);

import { parseArgs } from 'node:util';

export type BenchArguments =
  | Readonly<{ kind: 'report' }>
  | Readonly<{
      kind: 'cost';
      /** Of most kinds; of those that take long, a part. */
      instances: number;
      callers: number;
      isJson: boolean;
      isSaved: boolean;
    }>
  | Readonly<{
      kind: 'workload';
      workload: string;
      peers: readonly string[];
      rounds: number;
      callers: readonly number[];
      /** Measured at least this long at each number of callers. */
      seconds: number;
      /** Instances at least with several callers, instead of each system's own number. */
      total: number | undefined;
      isJson: boolean;
      isProfile: boolean;
      isSaved: boolean;
    }>;

export const usage = `npm run bench -- [W1] [options]     measures a workload, ours and the peers by turns
npm run bench -- W6                 a quiet tenant, alone and beside three hostile ones; takes --rounds, --seconds, --json, --no-save
npm run bench -- W7                 counts what AWS would bill, at the local cloud; takes --total, --callers, --json, --no-save
npm run bench -- report             writes the tables of docs/performance.md and docs/cost.md from bench/results

--peers cloudflare,restate   these are the default; also dbos (with PostgreSQL installed), or "none"
--rounds 3                   rounds, each with every system once
--callers 1,50               numbers of callers
--seconds 5                  at least so long at each number of callers
--total 1500                 at least so many instances with several callers
--json                       the last line is one JSON object
--profile                    a CPU profile of our server and where its time goes (one round, no peers, not saved)
--no-save                    leave bench/results as it is (fewer than three rounds are never saved)`;

/** A word that the benchmark does not understand; its message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function parseArguments(words: readonly string[]): BenchArguments {
  const { values, positionals } = parseStrictly(words);
  if (positionals.length > 1) throw new UsageError(`one workload at a time, not ${positionals.join(', ')}`);
  const workload = positionals[0] ?? 'W1';
  if (workload === 'report') return { kind: 'report' };
  if (workload.toUpperCase() === 'W7') return costArguments(values);
  const isProfile = values.profile;
  const peers = values.peers ?? (isProfile ? 'none' : 'cloudflare,restate');
  return {
    kind: 'workload',
    workload,
    peers: peers === 'none' ? [] : listOf('peers', peers),
    rounds: positive('rounds', values.rounds ?? (isProfile ? '1' : '3')),
    callers: listOf('callers', values.callers ?? (isProfile ? '50' : '1,50')).map((text) => positive('callers', text)),
    seconds: positive('seconds', values.seconds ?? (isProfile ? '10' : '5')),
    total: values.total === undefined ? undefined : positive('total', values.total),
    isJson: values.json,
    isProfile,
    isSaved: !values['no-save'] && !isProfile,
  };
}

/** Callers compete for the cores of one machine, as functions on Lambda do not: so one, unless it is asked for more. */
function costArguments(values: ReturnType<typeof parseStrictly>['values']): BenchArguments {
  const foreign = (['peers', 'rounds', 'seconds', 'profile'] as const).find(
    (name) => values[name] !== undefined && values[name] !== false,
  );
  if (foreign !== undefined) throw new UsageError(`W7 has no --${foreign}`);
  return {
    kind: 'cost',
    instances: positive('total', values.total ?? '100'),
    callers: positive('callers', values.callers ?? '1'),
    isJson: values.json,
    isSaved: !values['no-save'],
  };
}

function parseStrictly(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      strict: true,
      options: {
        peers: { type: 'string' },
        rounds: { type: 'string' },
        callers: { type: 'string' },
        seconds: { type: 'string' },
        total: { type: 'string' },
        json: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        'no-save': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function listOf(name: string, text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('') || new Set(items).size !== items.length) {
    throw new UsageError(`--${name} takes different values with commas between them, not "${text}"`);
  }
  return items;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`--${name} takes whole numbers from 1, not "${text}"`);
  return value;
}

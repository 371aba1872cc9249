import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { field, type HttpClient, openHttpClient } from '../http-client.ts';
import { type Commit, type Machine, repositoryFolder } from '../machine.ts';
import { makeDataFolder, startServer } from '../processes.ts';
import { type LevelSummary, type Measurement, spreadText, summarizeLevel, table } from '../report.ts';
import { latencyOf, rounded } from '../statistics.ts';
import { expectedTotal, stepsPerInstance } from '../system.ts';
import { createTenant, deployBundle, type Tenant, unexpected } from '../tenants.ts';

export const title = 'A quiet tenant, alone and beside three hostile ones';

/** Who makes the noise: each workflow is one tenant's, and so many of its callers keep at it. */
const NOISES = [
  { workflow: 'Loop', callers: 8 },
  { workflow: 'Hoard', callers: 8 },
  { workflow: 'Flood', callers: 32 },
] as const;
/** Until the noise is at its height, and a process that it has cost is there again, ms. */
const SETTLE_MS = 3_000;
/** Of the quiet tenant between two instances, ms. */
const REST_MS = 20;

type QuietMeasurements = Readonly<{ alone: Measurement; beside: Measurement }>;

/** The same tenant over all rounds. `ratios`: beside the others, divided by alone, from the medians. */
export type QuietComparison = Readonly<{
  rounds: number;
  alone: LevelSummary;
  beside: LevelSummary;
  ratios: Readonly<{ p50: number; p99: number }>;
}>;

export type QuietResult = QuietComparison &
  Readonly<{ workload: string; title: string; measuredAt: string; machine: Machine; commit: Commit }>;

/** Each round on a server of its own. */
export async function measureW6(
  options: Readonly<{ rounds: number; seconds: number }>,
  progress: (line: string) => void,
): Promise<QuietComparison> {
  const all: QuietMeasurements[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const measured = await measureQuiet(options);
    all.push(measured);
    const [alone, beside] = [measured.alone.latencyMs, measured.beside.latencyMs];
    progress(`round ${round}: p99 ${alone.p99.toFixed(2)} ms alone, ${beside.p99.toFixed(2)} ms beside the others`);
  }
  const alone = summarizeLevel(
    1,
    all.map((one) => one.alone),
  );
  const beside = summarizeLevel(
    1,
    all.map((one) => one.beside),
  );
  const ratio = (of: 'p50Ms' | 'p99Ms'): number => rounded(beside[of].median / alone[of].median);
  return { rounds: options.rounds, alone, beside, ratios: { p50: ratio('p50Ms'), p99: ratio('p99Ms') } };
}

export function tablesOfW6({ alone, beside, ratios }: QuietComparison): string {
  const cells = (name: string, { p50Ms, p99Ms, instances }: LevelSummary) => [
    name,
    spreadText(p50Ms),
    spreadText(p99Ms),
    String(instances),
  ];
  const rows = [
    cells('alone', alone),
    cells('beside the others', beside),
    ['ratio', ratios.p50.toFixed(2), ratios.p99.toFixed(2), ''],
  ];
  const noises = NOISES.map(({ workflow, callers }) => `\`${workflow}\` with ${callers} callers`).join(', ');
  return `${table(['the quiet tenant', 'p50 ms', 'p99 ms', 'instances'], rows)}\n\nThe others: ${noises}, each a tenant, from \`bench/bundles/noisy.js\`.`;
}

/** One round on a server of its own: first the quiet tenant alone, then with the others around it. */
async function measureQuiet(options: Readonly<{ seconds: number }>): Promise<QuietMeasurements> {
  const data = makeDataFolder('w6');
  const operatorKey = randomBytes(24).toString('base64url');
  const server = startServer({
    program: process.execPath,
    words: ['bin/tenon.ts', 'dev', '--port', '0', '--data', data.folder, '--no-demo'],
    folder: repositoryFolder,
    environment: { TENON_OPERATOR_KEY: operatorKey },
  });
  try {
    const origin = await server.printed(/^listening (http:\S+)/m, 30_000);
    const client = openHttpClient(origin, 1);
    const quiet = await createTenant(client, operatorKey, 'quiet');
    await deployBundle(client, quiet, readBundle('ten-steps.js'));
    const noisy: Tenant[] = [];
    for (const { workflow } of NOISES) {
      const tenant = await createTenant(client, operatorKey, `noisy-${workflow.toLowerCase()}`);
      await deployBundle(client, tenant, readBundle('noisy.js'));
      noisy.push(tenant);
    }
    const drive = () => driveQuiet(client, quiet, options.seconds);
    await driveQuiet(client, quiet, 1);
    const alone = await drive();
    const noise = makeNoise(origin, noisy);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const beside = await drive();
    await noise.stop();
    await client.close();
    return { alone, beside };
  } finally {
    await server.stop(6_000);
    data.remove();
  }
}

/** One instance after the other with a rest between: quiet is who asks little. */
async function driveQuiet(client: HttpClient, tenant: Tenant, seconds: number): Promise<Measurement> {
  const latenciesMs: number[] = [];
  const beganAt = performance.now();
  while (performance.now() - beganAt < seconds * 1_000) {
    const start = latenciesMs.length;
    const askedAt = performance.now();
    const answer = await client.send('POST', `${tenant.path}/workflows/TenSteps/instances?wait=20`, {
      json: { params: { steps: stepsPerInstance, start } },
      headers: tenant.headers,
    });
    latenciesMs.push(performance.now() - askedAt);
    const total = field(field(answer.body, 'output'), 'total');
    if (total !== expectedTotal(start)) throw unexpected(`instance ${start}`, answer);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  const taken = (performance.now() - beganAt) / 1_000;
  return {
    instances: latenciesMs.length,
    seconds: rounded(taken),
    instancesPerSecond: rounded(latenciesMs.length / taken),
    latencyMs: latencyOf(latenciesMs),
    cpuMsPerInstance: undefined,
  };
}

function makeNoise(origin: string, tenants: readonly Tenant[]): { stop(): Promise<void> } {
  const client = openHttpClient(
    origin,
    NOISES.reduce((sum, { callers }) => sum + callers, 0),
  );
  let isOver = false;
  for (const [index, { workflow, callers }] of NOISES.entries()) {
    const tenant = tenants[index];
    if (tenant === undefined) continue;
    for (let caller = 0; caller < callers; caller++) {
      void (async () => {
        while (!isOver) {
          // Refusals and broken connections are part of the noise.
          await client
            .send('POST', `${tenant.path}/workflows/${workflow}/instances?wait=2`, {
              json: {},
              headers: tenant.headers,
            })
            .catch(() => {});
        }
      })();
    }
  }
  return {
    stop: async () => {
      isOver = true;
      await client.close();
    },
  };
}

function readBundle(name: string): Buffer<ArrayBuffer> {
  return readFileSync(path.join(repositoryFolder, 'bench/bundles', name));
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { field, type HttpClient, openHttpClient } from './http-client.ts';
import { repositoryFolder } from './machine.ts';
import { startServer } from './processes.ts';
import { expectedTotal, type RunningSystem, type System, stepsPerInstance } from './system.ts';
import { createTenant, deployBundle, type Tenant, unexpected } from './tenants.ts';

const tenantCount = 10;

export type TenonOptions = Readonly<{
  /** Where the server's processes write a CPU profile when they end. */
  profileFolder?: string;
}>;

/** Tenon's embedded server, driven through its public HTTP contract and nothing else. */
export function describeTenon(options: TenonOptions = {}): System {
  return {
    name: 'tenon',
    versions: { tenon: String(field(JSON.parse(readFileSync(inRepository('package.json'), 'utf8')), 'version')) },
    durability: 'SQLite in WAL mode with synchronous = FULL: an answer leaves after its commit is synced',
    completion: 'one request with ?wait=20, answered when the instance is complete',
    minimumInstances: 1500,
    prepare: async () => {},
    start: (dataFolder) => start(dataFolder, options),
  };
}

async function start(dataFolder: string, options: TenonOptions): Promise<RunningSystem> {
  const operatorKey = randomBytes(24).toString('base64url');
  const profiling =
    options.profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profileFolder}`];
  const server = startServer({
    program: process.execPath,
    words: [...profiling, 'bin/tenon.ts', 'dev', '--port', '0', '--data', dataFolder, '--no-demo'],
    folder: repositoryFolder,
    environment: { TENON_OPERATOR_KEY: operatorKey },
  });
  const stop = () => server.stop(6000);
  try {
    const origin = await server.printed(/^listening (http:\S+)/m, 30_000);
    const tenants = await deployToTenants(origin, operatorKey);
    return {
      origin,
      complete: (client, sequence) => complete(client, tenantOf(tenants, sequence), sequence),
      cpuMs: server.cpuMs,
      cpuMsByThread: server.cpuMsByThread,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function complete(client: HttpClient, tenant: Tenant, sequence: number): Promise<void> {
  const answer = await client.send('POST', `${tenant.path}/workflows/TenSteps/instances?wait=20`, {
    json: { params: { steps: stepsPerInstance, start: sequence } },
    headers: tenant.headers,
  });
  const total = field(field(answer.body, 'output'), 'total');
  if (answer.status !== 201 || field(answer.body, 'status') !== 'complete' || total !== expectedTotal(sequence)) {
    throw unexpected(`instance ${sequence}`, answer);
  }
}

async function deployToTenants(origin: string, operatorKey: string): Promise<readonly Tenant[]> {
  const client = openHttpClient(origin, 1);
  const bytes = readFileSync(inRepository('bench/bundles/ten-steps.js'));
  const tenants: Tenant[] = [];
  try {
    for (let index = 0; index < tenantCount; index++) {
      const tenant = await createTenant(client, operatorKey, `tenant-${index}`);
      await deployBundle(client, tenant, bytes);
      tenants.push(tenant);
    }
  } finally {
    await client.close();
  }
  return tenants;
}

function tenantOf(tenants: readonly Tenant[], sequence: number): Tenant {
  const tenant = tenants[sequence % tenants.length];
  if (tenant === undefined) throw new Error('no tenant was created');
  return tenant;
}

function inRepository(file: string): string {
  return path.join(repositoryFolder, file);
}

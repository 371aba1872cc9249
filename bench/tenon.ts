import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Answer, field, type HttpClient, openHttpClient, textField } from './http-client.ts';
import { repositoryFolder } from './machine.ts';
import { startServer } from './processes.ts';
import { expectedTotal, type RunningSystem, type System, stepsPerInstance } from './system.ts';

const tenantCount = 10;

export type TenonOptions = Readonly<{
  /** Where the server's processes write a CPU profile when they end. */
  profileFolder?: string;
}>;

type Tenant = Readonly<{ path: string; headers: Readonly<Record<string, string>> }>;

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
  const tenants: Tenant[] = [];
  try {
    for (let index = 0; index < tenantCount; index++) {
      const id = `tenant-${index}`;
      const answer = await client.send('POST', '/v1/tenants', { json: { id }, headers: bearer(operatorKey) });
      if (answer.status !== 201) throw unexpected(`the creation of tenant ${id}`, answer);
      const tenant = { path: `/v1/tenants/${id}`, headers: bearer(textField(answer.body, 'apiKey')) };
      await deploy(client, tenant);
      tenants.push(tenant);
    }
  } finally {
    await client.close();
  }
  return tenants;
}

/** Declares the bundle, puts the file where the answer says, and waits until it is a version. */
async function deploy(client: HttpClient, tenant: Tenant): Promise<void> {
  const bytes = readFileSync(inRepository('bench/bundles/ten-steps.js'));
  const declared = await client.send('POST', `${tenant.path}/bundles`, {
    json: {
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'text/javascript',
    },
    headers: tenant.headers,
  });
  if (declared.status !== 201) throw unexpected('the declaration of a bundle', declared);
  const upload = field(declared.body, 'upload');
  const uploaded = await fetch(new URL(textField(upload, 'url')), {
    method: 'PUT',
    headers: headersOf(field(upload, 'headers')),
    body: bytes,
  });
  if (!uploaded.ok) throw unexpected('the upload', { status: uploaded.status, body: await uploaded.text() });
  const bundleId = textField(field(declared.body, 'bundle'), 'id');
  const ready = await client.send('GET', `${tenant.path}/bundles/${bundleId}?wait=20`, { headers: tenant.headers });
  if (field(ready.body, 'status') !== 'ready') throw unexpected('the bundle', ready);
}

function tenantOf(tenants: readonly Tenant[], sequence: number): Tenant {
  const tenant = tenants[sequence % tenants.length];
  if (tenant === undefined) throw new Error('no tenant was created');
  return tenant;
}

function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}

function headersOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

function unexpected(what: string, answer: Answer): Error {
  return new Error(`tenon: ${what} answered ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 1000)}`);
}

function inRepository(file: string): string {
  return path.join(repositoryFolder, file);
}

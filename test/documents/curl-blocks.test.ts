import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../../lib/embedded.ts';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { eventually, TenantWorld } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { codeBlocks } from './command-lines.ts';
import { DOCUMENTS, ROOT, read } from './documents.ts';

/** That of agent-plan is run by `test/e2e/agent-plan.test.ts`, which looks at each answer. */
const ELSEWHERE = 'tenant-examples/agent-plan/README.md';
const BLOCKS = DOCUMENTS.filter((name) => name !== ELSEWHERE).flatMap((name) =>
  codeBlocks(read(name))
    .filter(({ language, text }) => language === 'sh' && text.includes('curl '))
    .map(({ line, text }) => [`${name}:${line}`, text] as const),
);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** A step that waits for whoever has its token. */
const ASKING = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Asking extends WorkflowEntrypoint {
  async run(event, step) {
    return step.do('ask', { retries: { limit: 0, delay: 0 } }, async (ctx) => {
      const deferred = ctx.defer();
      console.log(deferred.token);
      return deferred;
    });
  }
}`;

const folder = makeFolder();
const ledger = new Ledger();
let service: Embedded;
let operator: Api;

beforeAll(async () => {
  await ledger.listen();
  const options = { port: 0, host: '127.0.0.1', allowPrivateEgress: false, print: () => {} };
  service = await startEmbedded({ ...options, dataFolder: join(folder.path, 'data') });
  operator = new Api(service.url, service.operatorKey);
  mkdirSync(join(folder.path, '.tenon'));
  writeFileSync(join(folder.path, '.tenon/operator-key'), service.operatorKey);
  symlinkSync(join(ROOT, 'tenant-examples'), join(folder.path, 'tenant-examples'));
  const first = codeBlocks(read('README.md')).find(({ language }) => language === 'ts');
  writeFileSync(join(folder.path, 'onboarding.ts'), first?.text ?? '');
});
afterAll(async () => {
  await service.close();
  await ledger.close();
  folder.remove();
});

/** The tenant that documents speak to, as it is after the commands before. */
const demo = async (): Promise<TenantWorld> => {
  await operator.call('DELETE', '/v1/tenants/demo');
  await operator.call('DELETE', '/v1/tenants/acme');
  const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id: 'demo' } });
  const tenant = new TenantWorld('demo', new Api(service.url, body.apiKey), operator, ledger);
  const files = {
    'approval-chain.ts': read('tenant-examples/approval-chain/workflow.ts'),
    'cron-digest.ts': read('tenant-examples/cron-digest/workflow.ts'),
    'asking.ts': ASKING,
  };
  const index = Object.keys(files).map((name) => `export * from './${name}';`);
  const zip = zipSync(
    Object.fromEntries(
      Object.entries({ ...files, 'index.ts': index.join('\n') }).map(([name, text]) => [name, strToU8(text)]),
    ),
  );
  await tenant.deploy(zip, { contentType: 'application/zip' });
  return tenant;
};

const tokenOf = async (tenant: TenantWorld): Promise<string> => {
  const { path } = await tenant.create({}, { workflow: 'Asking' });
  return eventually('a token', async () => {
    const { body } = await tenant.api.expect(200, 'GET', `${path}/logs`);
    return body.events?.[0]?.message;
  });
};

describe.skipIf(!hasCurl)('the curl commands in the documents', () => {
  it.each(BLOCKS)('at %s are all answered well', async (_, text) => {
    const tenant = await demo();
    const env = {
      PATH: process.env.PATH,
      URL: service.url,
      AUTH: `Authorization: Bearer ${service.operatorKey}`,
      TENON_URL: service.url,
      TENON_KEY: service.operatorKey,
      TOKEN: await tokenOf(tenant),
    };
    const script = [
      'curl() { command curl -sS --fail-with-body "$@" || { echo "refused: $*" >&2; exit 1; }; }',
      text.replaceAll('http://127.0.0.1:8787', service.url),
    ].join('\n');
    const { stdout, stderr } = await promisify(execFile)('sh', ['-eu', '-c', script], { cwd: folder.path, env });
    expect(stderr).toBe('');
    expect(stdout).not.toBe('');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConformance } from '../conformance/run.ts';
import { type Assembly, synthesizeAssembly } from './assembly.ts';
import { startLocalCloud } from './local-cloud.ts';
import { mutantsOf } from './mutation/mutants.ts';
import { type CompiledBundle, compileProbeBundle } from './mutation/probe-bundle.ts';
import { PROBES } from './mutation/probes.ts';
import { runProbes } from './mutation/run-probes.ts';

/** A taste of `npm run test:cloud`, small enough for every change. */
let assembly: Assembly;
let bundle: CompiledBundle;

beforeAll(async () => {
  assembly = synthesizeAssembly({ allowPrivateEgress: true, maxDispatchers: 4 });
  bundle = await compileProbeBundle();
}, 120_000);

afterAll(() => assembly.remove());

const notice = (mutant: RegExp, probe: string) => {
  const found = mutantsOf(assembly.template).filter(({ name }) => mutant.test(name));
  const asked = PROBES.filter(({ name }) => name.startsWith(probe));
  const [only] = found;
  if (only === undefined || found.length > 1 || asked.length !== 1) throw new Error(`${found.length} ${asked.length}`);
  const { folder: assemblyFolder } = assembly;
  return runProbes({ template: only.template, assemblyFolder, bundle, probes: asked, concurrency: 1 });
};

describe('the local cloud', () => {
  it('leaves nothing open where a template cannot be started', async () => {
    const listening = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
    const before = listening();
    const { Resources: resources } = assembly.template;
    const withoutApi = Object.entries(resources).filter(([, { Type: type }]) => type !== 'AWS::ApiGatewayV2::Api');
    const template = { ...assembly.template, Resources: Object.fromEntries(withoutApi) };
    await expect(startLocalCloud({ template, assemblyFolder: assembly.folder })).rejects.toThrow();
    await expect.poll(listening).toBe(before);
  });

  it('holds to a few behaviours of the contract', { timeout: 90_000 }, async () => {
    const cloud = await startLocalCloud({ template: assembly.template, assemblyFolder: assembly.folder });
    const lines: string[] = [];
    const { held, asked } = await runConformance({
      url: cloud.url,
      operatorKey: cloud.operatorKey,
      concurrency: 2,
      only: 'sends events',
      say: (line) => lines.push(line),
    });
    await cloud.close();
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(held).toBe(asked);
    expect(asked).toBeGreaterThan(0);
    expect(cloud.gateway.crashes).toEqual([]);
  });
});

describe('a template with one thing less', () => {
  it('differs from the template and from every other in what it is called and in what it is', () => {
    const mutants = mutantsOf(assembly.template);
    expect(mutants.length).toBeGreaterThan(150);
    for (const what of ['name', 'template'] as const) {
      const texts = mutants.map((mutant) => JSON.stringify(mutant[what]));
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts).not.toContain(JSON.stringify(assembly.template));
    }
  });

  it('lets a session reach other tenants’ rows, and somebody sees it', async () => {
    const noticed = await notice(
      /^TenantIsolationTenantRole.*: ForAllValues:StringLike dynamodb:LeadingKeys$/,
      "a tenant's session",
    );
    expect(noticed?.why).toContain('a row of b');
  });

  it('has a function that cannot start without its variable, and callers see it', { timeout: 60_000 }, async () => {
    const noticed = await notice(/^FrontDoorApiLambda.*: TENON_TABLE$/, 'the operator makes');
    expect(noticed?.why).toMatch(/TENON_TABLE|failed|500/);
  });

  it('cannot be deployed where the dispatcher may not read its queue', async () => {
    const noticed = await notice(/^DispatcherRole.*: sqs:ReceiveMessage$/, 'nothing is');
    expect(noticed?.by).toBe('the deployment');
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../contracts/embedded-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CLOUDFLARE = '@cloudflare/workers-types';

/** Two tenants' modules, by what both sets of types name alike. `from`: the scheme of the modules. */
const tenants = (from: string): Readonly<Record<string, string>> => ({
  'orders.ts': `
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from '${from}:workers';
import { NonRetryableError } from '${from}:workflows';

interface Order { readonly total: number }
interface Env { readonly CURRENCY: string; readonly WORKFLOWS: Workflow<Order> }

export class Orders extends WorkflowEntrypoint<Env, Order> {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep): Promise<string> {
    const total: number = await step.do('total', async () => event.payload.total);
    if (total < 0) throw new NonRetryableError('a total is positive');
    await step.sleep('a while', '1 hour');
    const child = await this.env.WORKFLOWS.create({ id: 'child', params: { total } });
    await child.sendEvent({ type: 'approved', payload: { by: 'grace' } });
    const { payload } = await step.waitForEvent<{ by: string }>('approval', { type: 'approved', timeout: '1 day' });
    const { status } = await child.status();
    return \`\${total} \${this.env.CURRENCY} by \${payload.by}, child \${status}\`;
  }
}
`,
  'mail.ts': `
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from '${from}:workers';

export class Mail extends WorkflowEntrypoint<unknown, { readonly to: string }> {
  override async run(event: WorkflowEvent<{ readonly to: string }>, step: WorkflowStep) {
    const config = { retries: { limit: 3, delay: '10 seconds', backoff: 'linear' }, timeout: '1 minute' } as const;
    return step.do('send', config, async ({ attempt }) => ({ to: event.payload.to, attempt }));
  }
}
`,
});

const WRONG = `
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Env { readonly WORKFLOWS: Workflow<{ total: number }> }

export class Wrong extends WorkflowEntrypoint<Env, { total: number }> {
  override async run(event: WorkflowEvent<{ total: number }>, step: WorkflowStep) {
    const text: string = event.payload.total;
    await step.sleep('a while', '1 fortnight');
    await this.env.WORKFLOWS.create({ params: { total: 'three' } });
    return this.env.MISSING + text;
  }
}
`;

const folder = makeFolder();
const packages = join(folder.path, 'node_modules');
beforeAll(() => {
  mkdirSync(join(packages, '@cloudflare'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', CLOUDFLARE), join(packages, CLOUDFLARE));
  execFileSync(process.execPath, [join(ROOT, 'bin/build-sdk.ts'), join(packages, 'tenon-sdk')]);
}, 30_000);
afterAll(() => folder.remove());

/** What the compiler has to say, a line a mistake; libraries are checked too. */
const check = (params: {
  readonly files: Readonly<Record<string, string>>;
  readonly types: readonly string[];
  readonly lib: readonly string[];
}): readonly string[] => {
  const project = join(folder.path, crypto.randomUUID());
  mkdirSync(project);
  for (const [name, text] of Object.entries(params.files)) writeFileSync(join(project, name), text);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noEmit: true,
    skipLibCheck: false,
    target: 'es2024',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: params.lib,
    types: params.types,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('error TS'));
};

const WEB = ['es2024', 'webworker'];
const ALONE = ['es2024'];

describe('the types of tenon-sdk', () => {
  it("check tenants' modules in place of Cloudflare's", () => {
    const types = ['tenon-sdk/cloudflare'];
    expect(check({ files: tenants('cloudflare'), types, lib: WEB })).toEqual([]);
    expect(check({ files: tenants('tenon'), types, lib: WEB })).toEqual([]);
  });

  it("check what Cloudflare's own check", () => {
    expect(check({ files: tenants('cloudflare'), types: [CLOUDFLARE], lib: ALONE })).toEqual([]);
  });

  it("stand beside Cloudflare's without a conflict, each under its own names", () => {
    const types = [CLOUDFLARE, 'tenon-sdk'];
    expect(check({ files: tenants('cloudflare'), types, lib: ALONE })).toEqual([]);
    const ours = `
import type { Sandbox, WorkflowStepContext } from 'tenon:workers';
export type Tools = { readonly SANDBOX: Sandbox; readonly of: WorkflowStepContext };
`;
    expect(check({ files: { ...tenants('cloudflare'), 'tools.ts': ours }, types, lib: ALONE })).toEqual([]);
  });

  it.each([
    ['ours', ['tenon-sdk/cloudflare'], WEB],
    ["Cloudflare's", [CLOUDFLARE], ALONE],
  ])('find the same mistakes as the others: %s', (_, types, lib) => {
    const found = check({ files: { 'wrong.ts': WRONG }, types, lib });
    expect(found.map((line) => /wrong\.ts\((\d+),/.exec(line)?.[1])).toEqual(['8', '9', '10', '11']);
  });
});

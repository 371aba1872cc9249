import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EsbuildCompiler } from '../../lib/bundle/esbuild-compiler.ts';
import { Ledger } from '../conformance/ledger.ts';
import { World, workflow } from '../conformance/world.ts';
import { IS_WHOLE, layOut, NOT_WHOLE, type Place } from './installation.ts';

const offering = (what: string): string => `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Offer extends WorkflowEntrypoint {
  run(event, step) {
    return step.do('offer', async () => '${what}');
  }
}`;

const installation = layOut('loading');
const ledger = new Ledger();
let preview: string;
beforeAll(async () => {
  await ledger.listen();
  const compiler = new EsbuildCompiler();
  const bytes = new TextEncoder().encode(offering('a preview'));
  const compilation = await compiler.compile({ contentType: 'text/javascript', bytes });
  if (!compilation.ok) throw new Error(compilation.problems[0]?.message);
  preview = compilation.version;
  await compiler.close();
});
afterAll(async () => {
  await ledger.close();
  installation.remove();
});

const plans = (): { readonly PLANS: string } => ({
  PLANS: JSON.stringify({ early: { kind: 'preview', version: preview } }),
});

const offersIn = ({ url, operatorKey }: Place) => {
  const world = new World({ url, operatorKey, ledger, canOwnServer: false });
  return async (id: string, more: Readonly<Record<string, unknown>> = {}) => {
    const tenant = await world.tenant({ id, ...more });
    await tenant.deploy(offering('the standard'), { contentType: 'text/javascript' });
    if (id === 'early') {
      const uploaded = await tenant.deploy(offering('a preview'), { contentType: 'text/javascript', activate: false });
      expect(uploaded).toBe(preview);
    }
    return (await tenant.create({}, { workflow: 'Offer', id: 'one' })).completed();
  };
};

/** Several turns of an instance whose loader hands each of them over. */
const turnsOfInitech = async ({ url, operatorKey }: Place): Promise<unknown> => {
  const world = new World({ url, operatorKey, ledger, canOwnServer: false });
  const tenant = await world.tenant({ id: 'initech', isolation: 'isolate' });
  await tenant.deploy(
    workflow(`
    await step.sleep('a while', 1_500);
    const slept = await step.do('slept', async () => 'slept');
    const { payload } = await step.waitForEvent('w', { type: 'go' });
    return [slept, payload];`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  await instance.send('go', 'came');
  return instance.completed();
};

describe('the loadRunner in docs/extending.md', () => {
  it('type-checks', { timeout: 120_000 }, (context) => {
    if (!IS_WHOLE) context.skip(NOT_WHOLE);
    expect(installation.typeErrors()).toBe('');
  });

  it('chooses what runs on one machine by plan, and hears of it', async () => {
    const printed = await installation.onOneMachine(plans(), async (place) => {
      const offer = offersIn(place);
      expect(await offer('usual')).toBe('the standard');
      expect(await offer('early')).toBe('a preview');
      expect(await offer('acme')).toBe('a trial offer');
      expect(await offer('initech')).toBe('the standard');
    });
    for (const tenant of ['early', 'acme']) {
      const told = printed.split('\n').filter((line) => line.startsWith(`{"tenant":"${tenant}"`));
      const kinds = told.flatMap((line) => (JSON.parse(line) as { readonly did: readonly string[] }).did);
      expect(kinds).toEqual(['moved', 'started', 'step_settled', 'completed']);
    }
    expect(printed).not.toContain('"tenant":"usual"');
  });

  it('chooses on AWS at both levels of isolation', { timeout: 120_000 }, async (context) => {
    if (!IS_WHOLE) context.skip(NOT_WHOLE);
    await installation.onAws(async (cloud) => {
      const offer = offersIn(cloud);
      expect(await offer('usual')).toBe('the standard');
      expect(await offer('acme')).toBe('a trial offer');
      expect(await offer('globex', { isolation: 'microvm' })).toBe('a trial offer');
      expect(await turnsOfInitech(cloud)).toEqual(['slept', 'came']);
      const { logicalId } = cloud.stack.find('AWS::Lambda::Function', 'TenantIsolationExecutor');
      const machines = new Set(cloud.functions.environmentsOf(logicalId).map(({ tenantId }) => tenantId));
      expect([machines.has('initech'), machines.has('usual')]).toEqual([true, false]);
    });
  });
});

import assert from 'node:assert/strict';
import { Ledger } from '../../conformance/ledger.ts';
import { type Instance, msBetween, pause, TenantWorld } from '../../conformance/world.ts';
import { startLocalCloud } from '../local-cloud.ts';
import type { LocalQueue } from '../services/local-queue.ts';
import type { Template } from '../template/template.ts';
import { PatientApi } from './patient-client.ts';
import { CHILDREN, FAULTS_SOURCE, PLANS, type Plan } from './plans.ts';
import { SeededFaults } from './seeded-faults.ts';

export interface FaultsOptions {
  readonly template: Template;
  readonly assemblyFolder: string;
  readonly seed: number;
  /** Of clients; those that workflows begin come on top. */
  readonly instances: number;
  readonly say: (line: string) => void;
}

export interface FaultsResult {
  /** All that were begun. */
  readonly instances: number;
  /** What did not hold, one line each. */
  readonly broken: readonly string[];
  /** Faults that happened, by kind. */
  readonly faults: ReadonlyMap<string, number>;
  /** Effects that happened more often than once, each within an attempt of its own. */
  readonly repeatedEffects: number;
  readonly slowestMs: number;
  readonly deadLetters: number;
}

/** A minute of the sweeper's, so that what is lost is found in seconds. */
const MINUTE_MS = 4_000;
const CLIENTS = 16;
const PATIENCE_MS = 240_000;

interface Begun {
  readonly plan: Plan;
  readonly tenant: TenantWorld;
  readonly instance: Instance;
}

/** Runs many instances while everything around them goes wrong, and looks whether anything got lost or happened twice. */
export const runFaults = async (options: FaultsOptions): Promise<FaultsResult> => {
  const { template, assemblyFolder, seed, instances, say } = options;
  const faults = new SeededFaults(seed);
  const ledger = new Ledger();
  await ledger.listen();
  const cloud = await startLocalCloud({ template, assemblyFolder, faults, minuteMs: MINUTE_MS });
  try {
    const operator = new PatientApi(cloud.url, cloud.operatorKey);
    const tenants = await Promise.all(
      (['isolate', 'isolate', 'microvm', 'isolate'] as const).map((isolation, index) =>
        makeTenant({ operator, ledger, id: `faults-${index}-${isolation}`, isolation }),
      ),
    );
    faults.turn(true);
    const begun = await beginAll({ tenants, instances });
    const broken: string[] = [];
    let slowestMs = 0;
    const all = [...begun, ...begun.flatMap(childOf)];
    await inTurns(all, async (one) => {
      const { problem, lastedMs } = await outcomeOf(one);
      slowestMs = Math.max(slowestMs, lastedMs);
      if (problem !== undefined) broken.push(problem);
    });
    faults.turn(false);
    let repeatedEffects = 0;
    await inTurns(all, async (one) => {
      const { problems, repeated } = await effectsOf(one);
      broken.push(...problems);
      repeatedEffects += repeated;
    });
    const queue = (prefix: string) => cloud.queues.ofArn(cloud.stack.find('AWS::SQS::Queue', prefix).arn).queue;
    const left = messagesLeft(queue('WorkQueueA'), all);
    broken.push(...left.map((body) => `a message is left: ${body}`));
    for (const crash of cloud.gateway.crashes) broken.push(`the cloud itself broke: ${crash}`);
    for (const problem of broken) say(problem);
    return {
      instances: all.length,
      broken,
      faults: faults.counts,
      repeatedEffects,
      slowestMs,
      deadLetters: queue('WorkQueueDeadLetters').counts().visible,
    };
  } finally {
    faults.turn(false);
    await cloud.close();
    await ledger.close();
  }
};

/** Of those that somebody can still get, what asks for something else than an instance that has ended. */
const messagesLeft = (queue: LocalQueue, all: readonly Begun[]): readonly string[] => {
  const ended = new Set(all.map(({ tenant, plan, instance }) => `${tenant.id} ${plan.workflow} ${instance.id}`));
  return queue.bodies().filter((body) => {
    const { tenant, workflow, id } = JSON.parse(body) as Readonly<Record<string, string>>;
    return !ended.has(`${tenant} ${workflow} ${id}`);
  });
};

const makeTenant = async (params: {
  readonly operator: PatientApi;
  readonly ledger: Ledger;
  readonly id: string;
  readonly isolation: string;
}): Promise<TenantWorld> => {
  const { operator, ledger, id, isolation } = params;
  const json = { id, isolation, egress: { allow: [`127.0.0.1:${ledger.port}`] } };
  const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json });
  const tenant = new TenantWorld(id, new PatientApi(operator.url, body.apiKey), operator, ledger);
  await tenant.deploy(FAULTS_SOURCE);
  return tenant;
};

const beginAll = async ({
  tenants,
  instances,
}: {
  readonly tenants: readonly TenantWorld[];
  readonly instances: number;
}): Promise<readonly Begun[]> => {
  const begun: Begun[] = [];
  const numbers = Array.from({ length: instances }, (_, index) => index);
  await inTurns(numbers, async (index) => {
    const tenant = tenants[index % tenants.length] as TenantWorld;
    const plan = PLANS[Math.floor(index / tenants.length) % PLANS.length] as Plan;
    const id = `i-${index}`;
    // The answer to a first try may have been lost.
    const { status, text } = await tenant.api.call('POST', tenant.instances(plan.workflow), { json: { id } });
    assert.ok(status === 201 || status === 409, `creating ${id} answered ${status}: ${text}`);
    const instance = tenant.instance(id, plan.workflow);
    for (const [place, payload] of plan.events.entries()) {
      await instance.send('told', payload, { 'idempotency-key': `${id}-${place}` });
    }
    begun.push({ plan, tenant, instance });
  });
  return begun;
};

const childOf = ({ plan, tenant, instance }: Begun): readonly Begun[] =>
  plan.workflow === 'Parents'
    ? [{ plan: CHILDREN, tenant, instance: tenant.instance(`of-${instance.id}`, 'Children') }]
    : [];

/** `problem`: it has come to something else than what it must come to. */
const outcomeOf = async ({ plan, tenant, instance }: Begun): Promise<{ problem?: string; lastedMs: number }> => {
  const name = `${tenant.id} ${plan.workflow} ${instance.id}`;
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status, body } = await tenant.api.call('GET', `${instance.path}?wait=10`);
    if (status === 200 && body.status === 'complete') {
      const lastedMs = msBetween(body.createdAt, body.endedAt);
      if (body.output === plan.output) return { lastedMs };
      return { lastedMs, problem: `${name} came to ${JSON.stringify(body.output)}` };
    }
    if (status === 200 && ['errored', 'terminated'].includes(body.status)) {
      return { lastedMs: 0, problem: `${name} is ${body.status}: ${JSON.stringify(body.error)}` };
    }
    if (Date.now() > until) {
      return {
        lastedMs: 0,
        problem: `${name} is still ${body?.status ?? status}: ${JSON.stringify(body?.waitingFor)}`,
      };
    }
    if (status !== 200) await pause(500);
  }
};

/** An effect happens within an attempt that the journal has, and no attempt has it twice. */
const effectsOf = async ({ plan, tenant, instance }: Begun): Promise<{ problems: string[]; repeated: number }> => {
  const problems: string[] = [];
  let repeated = 0;
  if (plan.effects.length === 0) return { problems, repeated };
  const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/steps`);
  for (const effect of plan.effects) {
    const happened = tenant.count(`${instance.id} ${effect}`);
    const steps: readonly { readonly name: string; readonly attempts: readonly unknown[] }[] = body.steps;
    const attempts = steps.find(({ name }) => name === effect)?.attempts.length ?? 0;
    if (happened < 1 || happened > attempts) {
      problems.push(
        `${tenant.id} ${plan.workflow} ${instance.id}: ${effect} happened ${happened} times in ${attempts} attempts`,
      );
    }
    if (plan.workflow !== 'Retries' && happened > 1) repeated += happened - 1;
  }
  return { problems, repeated };
};

const inTurns = async <T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: CLIENTS }, worker));
};

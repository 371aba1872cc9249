import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeInvokingClient, makeStsClient } from '../../lib/adapters/aws/aws-clients.ts';
import { LambdaMicroVms } from '../../lib/adapters/aws/lambda-micro-vms.ts';
import { plainRequestOf, plainResponseOf, requestFrom, responseFrom } from '../../lib/adapters/aws/micro-vm-call.ts';
import { TenantSessions } from '../../lib/adapters/aws/tenant-sessions.ts';
import { MicroVmBusy } from '../../lib/ports/micro-vms.ts';
import type { Policy } from '../../lib/ports/policy-store.ts';
import { jsonOf, type Service, type StandIn, startStandIn } from '../contracts/aws-stand-ins.ts';
import { ManualClock } from '../contracts/contract.ts';
import { memoryBlobs } from '../contracts/dynamodb-fixture.ts';

const HOUR_MS = 3_600_000;

let clock: ManualClock;
let sts: StandIn;
let lambda: StandIn;
let answer: ReturnType<Service>;
let blobs: ReturnType<typeof memoryBlobs> & { removed: string[] };
let machines: LambdaMicroVms;

const session: Service = ({ body }) => {
  const tenant = new URLSearchParams(body.toString()).get('Tags.member.1.Value');
  const expires = new Date(clock.at + HOUR_MS).toISOString();
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>key-of-${tenant}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
      <Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  };
};

beforeEach(async () => {
  clock = new ManualClock();
  sts = await startStandIn((...call) => session(...call));
  lambda = await startStandIn(() => answer);
  blobs = { ...memoryBlobs(), removed: [] };
  machines = new LambdaMicroVms({
    client: makeInvokingClient(lambda.config),
    functionName: 'executor',
    sessions: new TenantSessions({ client: makeStsClient(sts.config), roleArn: 'arn:role', tag: 'tenant', clock }),
    blobs: {
      ...blobs,
      has: async (name) => blobs.blobs.has(name),
      removeAll: async (prefix) => {
        blobs.removed.push(prefix);
        for (const name of blobs.blobs.keys()) if (name.startsWith(prefix)) blobs.blobs.delete(name);
      },
    },
    policies: { list: async () => POLICIES },
    hasSandbox: true,
  });
});
afterEach(async () => {
  await sts.close();
  await lambda.close();
});

const called = () => lambda.calls.map(({ body }) => JSON.parse(body.toString()));
const turns = (tenant: string) => machines.runTurns({ tenant, wakes: [], endsAt: 1 });
const nothing = { asked: [], commands: [], used: [], problems: [] };

/** One of everybody's, one of another tenant's. */
const OF_ALL: Policy = {
  name: 'all',
  before: { step: 'a' },
  action: { kind: 'refuse', reason: 'no' },
  updatedAt: 1,
};
const POLICIES: readonly Policy[] = [OF_ALL, { ...OF_ALL, name: 'globex', tenants: ['globex'] }];

describe('a call to a tenant’s machine', () => {
  it('names the tenant to Lambda, and brings a session that is tagged with it', async () => {
    answer = jsonOf(nothing);
    const wakes = [{ key: { tenant: 'acme', workflow: 'W', id: '1' } }];
    expect(await machines.runTurns({ tenant: 'acme', wakes, endsAt: 5 })).toEqual(nothing);
    expect(lambda.calls[0]?.headers['x-amz-tenant-id']).toBe('acme');
    expect(called()[0]).toMatchObject({
      tenant: 'acme',
      session: { accessKeyId: 'key-of-acme' },
      hasSandbox: true,
      policies: [OF_ALL],
      kind: 'turns',
      wakes,
      endsAt: 5,
    });
    const asked = new URLSearchParams(sts.calls[0]?.body.toString());
    expect(asked.get('Tags.member.1.Key')).toBe('tenant');
    expect(asked.get('RoleSessionName')).toBe('acme');
  });

  it('that is refused for want of machines has not happened, and one that failed says how', async () => {
    answer = jsonOf({ Type: 'User', message: 'Rate Exceeded.' }, 429, {
      'x-amzn-errortype': 'TooManyRequestsException',
    });
    await expect(turns('acme')).rejects.toThrow(MicroVmBusy);
    expect(lambda.calls).toHaveLength(1);
    answer = jsonOf({ errorType: 'Sandbox.Timedout' }, 200, { 'x-amz-function-error': 'Unhandled' });
    await expect(turns('acme')).rejects.toThrow('The machine of acme failed: Sandbox.Timedout');
  });

  it('takes nothing of an answer on trust but lists, and few problems', async () => {
    answer = jsonOf({ asked: 'x', commands: 7, problems: Array.from({ length: 50 }, () => ({ a: 1 })) });
    const { asked, commands, problems } = await turns('acme');
    expect([asked, commands, problems.length]).toEqual([[], [], 20]);
  });

  it('to look at a bundle lays it down for the machine, and takes it away afterwards', async () => {
    answer = jsonOf({ ok: true, workflows: ['W'], hasFetch: false });
    const bundle = { code: 'code', sourceMap: '{}' };
    expect(await machines.inspect({ tenant: 'acme', bundle })).toEqual({ ok: true, workflows: ['W'], hasFetch: false });
    const [{ code, sourceMap }] = called();
    expect(code).toMatch(/^acme\/inspections\/[0-9a-f]{24}\/code\.js$/);
    expect(sourceMap).toMatch(/^acme\/inspections\/[0-9a-f]{24}\/map\.json$/);
    expect(blobs.blobs.size).toBe(0);
  });
});

describe('sessions', () => {
  it('serve calls of their tenant for three quarters of an hour, and no other tenant', async () => {
    answer = jsonOf(nothing);
    await Promise.all([turns('acme'), turns('acme'), turns('a')]);
    expect(sts.calls).toHaveLength(2);
    clock.at += HOUR_MS * 0.7;
    await turns('acme');
    expect(sts.calls).toHaveLength(2);
    clock.at += HOUR_MS * 0.1;
    await turns('acme');
    expect(sts.calls).toHaveLength(3);
    // STS takes no name of one character.
    expect(sts.calls.map(({ body }) => new URLSearchParams(body.toString()).get('RoleSessionName'))).toContain('a_');
  });
});

describe('requests and responses', () => {
  it.each([
    ['text', 'Grüße'],
    ['bytes', new Uint8Array([0, 255, 128])],
    ['nothing', undefined],
  ])('come over as they are, with %s', async (_, body) => {
    const headers = { 'x-a': '1' };
    const request = new Request('https://a/b?c', { method: 'POST', headers, ...(body !== undefined && { body }) });
    const copy = requestFrom(JSON.parse(JSON.stringify(await plainRequestOf(request.clone() as Request))));
    expect([copy.method, copy.url, copy.headers.get('x-a')]).toEqual(['POST', 'https://a/b?c', '1']);
    expect(await copy.arrayBuffer()).toEqual(await request.arrayBuffer());
    const response = new Response(body ?? null, { status: 202, headers });
    const back = responseFrom(JSON.parse(JSON.stringify(await plainResponseOf(response.clone() as Response))));
    expect([back.status, back.headers.get('x-a')]).toEqual([202, '1']);
    expect(await back.arrayBuffer()).toEqual(await response.arrayBuffer());
  });
});

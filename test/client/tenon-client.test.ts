import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { RefusedError } from '../../lib/client/http-client.ts';
import { type OperationRequest, TenonClient } from '../../lib/client/tenon-client.ts';
import { type Embedded, startEmbedded } from '../../lib/embedded.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { OPERATIONS_FILE, operationsText } from './operations-text.ts';

it('the types of all calls are those of the OpenAPI document: `npm run client:types` writes them', () => {
  expect(readFileSync(OPERATIONS_FILE, 'utf8')).toBe(operationsText());
});

describe('a typed client', () => {
  const folder = makeFolder();
  let service: Embedded;
  let operator: TenonClient;
  beforeAll(async () => {
    const place = { port: 0, host: '127.0.0.1', dataFolder: folder.path };
    service = await startEmbedded({ ...place, allowPrivateEgress: false, print: () => {} });
    operator = new TenonClient(service.url, service.operatorKey);
  });
  afterAll(async () => {
    await service.close();
    folder.remove();
  });

  it('asks and answers in the types of the contract', async () => {
    const { tenant, apiKey } = await operator.call('POST /v1/tenants', { body: { id: 'acme', egress: 'none' } });
    expect(tenant.id).toBe('acme');
    expectTypeOf(apiKey).toEqualTypeOf<string>();
    const own = new TenonClient(service.url, apiKey);
    const { versions } = await own.call('GET /v1/tenants/{tenant}/versions', { path: { tenant: 'acme' } });
    expect(versions).toEqual([]);
    expectTypeOf(versions[0]?.apiLevel).toEqualTypeOf<number | undefined>();
  });

  it('demands what a call needs, and nothing else', () => {
    type Read = OperationRequest<'GET /v1/tenants/{tenant}'>;
    expectTypeOf<{ path: { tenant: string } }>().toExtend<Read>();
    expectTypeOf<Record<never, never>>().not.toExtend<Read>();
    expectTypeOf<{ path: { tenant: number } }>().not.toExtend<Read>();
  });

  it('throws the problem of a refusal', async () => {
    const call = operator.call('GET /v1/tenants/{tenant}', { path: { tenant: 'not/there' } });
    await expect(call).rejects.toBeInstanceOf(RefusedError);
    await expect(call).rejects.toMatchObject({ problem: { status: 404, code: 'tenant.not_found' } });
  });
});

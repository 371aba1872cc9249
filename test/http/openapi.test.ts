import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from './api.ts';

/** The calls of the contract, word for word. */
const OF_TENANT = '/v1/tenants/{tenant}';
const OF_WORKFLOW = `${OF_TENANT}/workflows/{workflow}`;
const OF_INSTANCE = `${OF_WORKFLOW}/instances/{id}`;
const CONTRACT = [
  'POST /v1/tenants',
  'GET /v1/tenants',
  `GET ${OF_TENANT}`,
  `PATCH ${OF_TENANT}`,
  `DELETE ${OF_TENANT}`,
  `POST ${OF_TENANT}/keys`,
  `GET ${OF_TENANT}/keys`,
  `DELETE ${OF_TENANT}/keys/{keyId}`,
  `PUT ${OF_TENANT}/env/{NAME}`,
  `DELETE ${OF_TENANT}/env/{NAME}`,
  `GET ${OF_TENANT}/env`,
  `POST ${OF_TENANT}/bundles`,
  `GET ${OF_TENANT}/bundles/{id}`,
  `GET ${OF_TENANT}/versions`,
  `POST ${OF_TENANT}/versions/{version}/activate`,
  `POST ${OF_TENANT}/versions/{version}/checks`,
  `GET ${OF_TENANT}/versions/{version}/checks/{id}`,
  `GET ${OF_TENANT}/workflows`,
  `GET ${OF_WORKFLOW}`,
  `PATCH ${OF_WORKFLOW}`,
  `POST ${OF_WORKFLOW}/instances`,
  `POST ${OF_WORKFLOW}/instances/batch`,
  `POST ${OF_WORKFLOW}/instances/batch/delete`,
  `GET ${OF_WORKFLOW}/instances`,
  `GET ${OF_INSTANCE}`,
  `DELETE ${OF_INSTANCE}`,
  `GET ${OF_INSTANCE}/steps`,
  `GET ${OF_INSTANCE}/step`,
  `POST ${OF_INSTANCE}/move`,
  `POST ${OF_INSTANCE}/replay`,
  `PATCH ${OF_INSTANCE}/status`,
  `POST ${OF_INSTANCE}/events/{type}`,
  `GET ${OF_INSTANCE}/subscribe`,
  `GET ${OF_INSTANCE}/logs`,
  `GET ${OF_TENANT}/usage`,
  'POST /v1/deferred/{token}',
  'GET /v1/policies',
  'PUT /v1/policies/{name}',
  'GET /v1/policies/{name}',
  'DELETE /v1/policies/{name}',
  `POST ${OF_INSTANCE}/approvals/{approval}`,
  'GET /healthz',
  'GET /v1/openapi.json',
];

const refsIn = (part: unknown): string[] => {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : refsIn(value),
  );
};

describe('the OpenAPI document', () => {
  let api: Api;
  beforeAll(async () => {
    api = await createApi();
  });
  afterAll(() => api.close());

  it('is OpenAPI 3.1 and public', async () => {
    expect(api.document.openapi).toBe('3.1.0');
    expect((await api.call('GET', '/v1/openapi.json')).status).toBe(200);
  });

  it.each(CONTRACT)('describes %s', (call) => {
    const [method = '', path = ''] = call.split(' ');
    expect(api.document.paths[path]?.[method.toLowerCase()]).toBeDefined();
  });

  it('describes the front door for every method', () => {
    expect(Object.keys(api.document.paths['/t/{tenant}/{path}'] ?? {})).toContain('patch');
  });

  it('names every operation once and every parameter of its path', () => {
    const ids: string[] = [];
    for (const [path, operations] of Object.entries(api.document.paths)) {
      for (const operation of Object.values(operations) as unknown as {
        operationId: string;
        parameters: { name: string; in: string }[];
      }[]) {
        ids.push(operation.operationId);
        const named = operation.parameters.filter((param) => param.in === 'path').map(({ name }) => name);
        expect(named).toEqual([...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name]) => name));
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to nothing that it does not hold', () => {
    const refs = new Set(refsIn(api.document));
    expect(refs.size).toBeGreaterThan(5);
    const held = Object.entries<object>(api.document.components).flatMap(([kind, parts]) =>
      Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
    );
    for (const ref of refs) expect(held).toContain(ref);
  });

  it('tells the codes of refusals by status', () => {
    const text = JSON.stringify(api.document.paths[`${OF_WORKFLOW}/instances`]?.post?.responses);
    for (const code of ['instance.already_exists', 'workflow.not_found', 'auth.missing', 'payload.too_large']) {
      expect(text).toContain(code);
    }
  });
});

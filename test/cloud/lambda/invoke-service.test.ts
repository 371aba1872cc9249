import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type AwsCall, AwsError, type LambdaHost, type Need } from '../contract.ts';
import { makeInvokeService } from './invoke-service.ts';
import { StackFixture } from './stack-fixture.ts';

const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:f';

let needs: Need[];
let invoked: Parameters<LambdaHost['invoke']>[0][];
let answer: Awaited<ReturnType<LambdaHost['invoke']>>;

beforeEach(() => {
  needs = [];
  invoked = [];
  answer = { payload: { sum: 3 } };
});

const fixture = new StackFixture();
afterAll(() => fixture.remove());

const service = makeInvokeService({
  stack: fixture.stack,
  host: {
    invoke: async (params) => {
      invoked.push(params);
      return answer;
    },
  },
});

const call = (name: string, more: Partial<AwsCall> = {}) =>
  service.handle({
    principal: { kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/caller', tags: {} },
    action: '',
    method: 'POST',
    path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from('{"a":1}'),
    isPresigned: false,
    demand: (need) => needs.push(need),
    ...more,
  });

describe('Invoke', () => {
  it('gives what the function returned', async () => {
    expect(await call('f')).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' },
      body: '{"sum":3}',
    });
    expect(invoked).toEqual([{ functionArn: ARN, payload: { a: 1 } }]);
  });

  it('says in a header that the function failed', async () => {
    answer = { payload: { errorType: 'Error', errorMessage: 'no' }, functionError: 'Unhandled' };
    const { status, headers, body } = await call('f');
    expect({ status, headers }).toMatchObject({ status: 200, headers: { 'x-amz-function-error': 'Unhandled' } });
    expect(body).toBe('{"errorType":"Error","errorMessage":"no"}');
  });

  it('demands permission for the function, however it is named', async () => {
    for (const name of ['f', 'f:$LATEST', ARN, `${ARN}:$LATEST`]) await call(name);
    expect(new Set(needs.map(({ action, resource }) => `${action} ${resource}`))).toEqual(
      new Set([`lambda:InvokeFunction ${ARN}`]),
    );
  });

  it('does nothing without permission', async () => {
    const refusal = new AwsError('AccessDeniedException', 'no', 403);
    const refused = call('f', {
      demand: () => {
        throw refusal;
      },
    });
    await expect(refused).rejects.toBe(refusal);
    expect(invoked).toEqual([]);
  });

  it('hands on the tenant, and an event that nobody waits for', async () => {
    const headers = { 'x-amz-tenant-id': 'acme', 'x-amz-invocation-type': 'Event' };
    expect(await call('f', { headers })).toEqual({ status: 202 });
    expect(invoked).toEqual([{ functionArn: ARN, payload: { a: 1 }, tenantId: 'acme', isAsync: true }]);
  });

  it('takes no payload for an empty event, and refuses what is no JSON', async () => {
    await call('f', { body: Buffer.alloc(0) });
    expect(invoked).toMatchObject([{ payload: {} }]);
    await expect(call('f', { body: Buffer.from('{') })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('only checks permission on a dry run', async () => {
    expect(await call('f', { headers: { 'x-amz-invocation-type': 'DryRun' } })).toEqual({ status: 204 });
    expect(needs).toHaveLength(1);
    expect(invoked).toEqual([]);
  });

  it('is the only operation', async () => {
    await expect(call('f', { method: 'GET' })).rejects.toMatchObject({ status: 404 });
  });
});

import { describe, expect, it } from 'vitest';
import { between, CloudMeters, type Metered } from '../../../bench/cost/cloud-meters.ts';
import type { LocalStack, StackResource } from '../../cloud/contract.ts';

const lambda = (logicalId: string, memoryMb: number, more: object = {}): StackResource => ({
  logicalId,
  type: 'AWS::Lambda::Function',
  ref: logicalId,
  arn: `arn:${logicalId}`,
  properties: { MemorySize: memoryMb, Code: { S3Key: 'code.zip' }, ...more },
});

const resources = [
  lambda('FrontDoorApiLambda1', 1_024, { LoggingConfig: { LogGroup: 'api' } }),
  lambda('DispatcherLambda1', 2_048, { LoggingConfig: { LogGroup: 'dispatcher' } }),
  lambda('TenantIsolationExecutorLambda1', 1_024, { TenancyConfig: { TenantIsolationMode: 'PER_TENANT' } }),
];

const metrics = { invocations: 0, errors: 0, throttles: 0, coldStarts: 0, billedMs: 0 };

const cloud = (more: Partial<Metered> = {}): Metered => ({
  stack: { assemblyFolder: '', ofType: () => resources } as Partial<LocalStack> as LocalStack,
  dynamo: { usage: () => [] },
  gateway: { counts: { all: () => [] } },
  functions: { metrics: new Map() },
  ...more,
});

const call = (principal: string, service: string, action: string, calls: number) => ({
  principal,
  service,
  action,
  calls,
  errors: 0,
});

describe('the meters', () => {
  it('give rows to the function whose role asked, and those of a tenant session to the executor', () => {
    const units = { operation: 'PutItem', readUnits: 1, writeUnits: 3, indexWriteUnits: 2 };
    const usage = () => [
      { principal: 'Tenon-FrontDoorApiRole9BE5AB7C', ...units },
      { principal: 'Tenon-TenantIsolationTenantRoleCB2B3E09', ...units },
    ];
    const reading = new CloudMeters().read(cloud({ dynamo: { usage } }));
    expect(reading.api.usage).toMatchObject({ tableWriteUnits: 1, indexWriteUnits: 2, readUnits: 1 });
    expect(reading.executor.usage).toMatchObject({ tableWriteUnits: 1, indexWriteUnits: 2, readUnits: 1 });
    expect(reading.dispatcher.usage).toMatchObject({ tableWriteUnits: 0 });
  });

  it('give calls to what is billed for them, and deletions of objects and sessions to nothing', () => {
    const all = () => [
      call('DispatcherRole', 's3', 'GetObject', 4),
      call('DispatcherRole', 's3', 'PutObject', 2),
      call('DispatcherRole', 's3', 'DeleteObject', 7),
      call('DispatcherRole', 'sqs', 'SendMessage', 3),
      call('DispatcherRole', 'scheduler', 'CreateSchedule', 1),
      call('DispatcherRole', 'sts', 'AssumeRole', 9),
      call('DispatcherRole', 'dynamodb', 'GetItem', 9),
    ];
    const { usage } = new CloudMeters().read(cloud({ gateway: { counts: { all } } })).dispatcher;
    expect(usage).toMatchObject({ objectReads: 4, objectWrites: 2, queueRequests: 3, schedules: 1 });
    expect(usage).not.toHaveProperty('executions');
  });

  it('count for each batch of the dispatcher a receipt and a deletion', () => {
    const functions = { metrics: new Map([['DispatcherLambda1', { ...metrics, invocations: 5, billedMs: 500 }]]) };
    const { usage } = new CloudMeters().read(cloud({ functions })).dispatcher;
    expect(usage).toMatchObject({ queueRequests: 10, lambdaRequests: 5, lambdaGbSeconds: 1 });
  });

  it('count a request for each call of the front door, and memory for each environment of a tenant', () => {
    const each = { ...metrics, invocations: 3, billedMs: 2_000, coldStarts: 2 };
    const functions = {
      metrics: new Map([
        ['FrontDoorApiLambda1', each],
        ['TenantIsolationExecutorLambda1', each],
      ]),
    };
    const reading = new CloudMeters().read(cloud({ functions }));
    expect(reading.api.usage).toMatchObject({ httpRequests: 3, lambdaGbSeconds: 2 });
    expect(reading.api.usage).not.toHaveProperty('tenantEnvironmentsGb');
    expect(reading.executor.usage).toMatchObject({ tenantEnvironmentsGb: 2 });
    expect(reading.executor.usage).not.toHaveProperty('httpRequests');
  });

  it('count what is logged, with what CloudWatch adds to a line', () => {
    const meters = new CloudMeters();
    meters.log({
      functionLogicalId: 'DispatcherLambda1',
      logGroup: 'dispatcher',
      logStream: 's',
      line: 'é'.repeat(37),
    });
    expect(meters.read(cloud()).dispatcher.usage.logGb).toBeCloseTo(100 / 1024 ** 3, 12);
  });

  it('tell what was used between two readings', () => {
    const meters = new CloudMeters();
    const at = (invocations: number) =>
      meters.read(cloud({ functions: { metrics: new Map([['DispatcherLambda1', { ...metrics, invocations }]]) } }));
    expect(between(at(2), at(5)).dispatcher).toMatchObject({
      invocations: 3,
      usage: { lambdaRequests: 3, queueRequests: 6 },
    });
  });
});

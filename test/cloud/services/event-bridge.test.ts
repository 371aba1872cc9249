import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwsError, type StackResource } from '../contract.ts';
import type { DeliveryFailure } from './delivery.ts';
import { type EventBridge, makeEventBridge } from './event-bridge.ts';
import { matchesEvent, readEventPattern } from './event-pattern.ts';
import { RecordingAuthorizer, RecordingHost, stackOf } from './services-fixture.ts';

const RULE = 'arn:aws:events:eu-central-1:123456789012:rule/arrived';
const VALIDATOR = 'arn:aws:lambda:eu-central-1:123456789012:function:validator';
const UPLOAD = { bucket: 'objects', key: 'acme/uploads/1', size: 5, etag: 'abc' };

const resourceOf = (type: string, arn: string, ref: string, properties: object): StackResource => ({
  logicalId: ref,
  type,
  arn,
  ref,
  properties,
});
const rule = {
  EventPattern: {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: ['objects'] }, object: { key: [{ wildcard: '*/uploads/*' }] } },
  },
  State: 'ENABLED',
  Targets: [{ Arn: VALIDATOR, Id: 'Target0', RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 } }],
};
const notified = { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } };

let authorizer: RecordingAuthorizer;
let lambda: RecordingHost;
let failures: DeliveryFailure[];
let opened: EventBridge[];

beforeEach(() => {
  vi.useFakeTimers();
  authorizer = new RecordingAuthorizer();
  lambda = new RecordingHost();
  failures = [];
  opened = [];
});
afterEach(() => {
  for (const bridge of opened) bridge.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const open = ({ bucket = notified, rules = [rule] }: { bucket?: object; rules?: readonly object[] } = {}) => {
  const bridge = makeEventBridge({
    stack: stackOf([
      resourceOf('AWS::S3::Bucket', 'arn:aws:s3:::objects', 'objects', bucket),
      resourceOf('AWS::Lambda::Function', VALIDATOR, 'validator', {}),
      ...rules.map((properties) => resourceOf('AWS::Events::Rule', RULE, 'arrived', properties)),
    ]),
    authorizer,
    lambda,
    onFailure: (failure) => failures.push(failure),
  });
  opened.push(bridge);
  return bridge;
};
const busy = () => {
  throw new AwsError('TooManyRequestsException', 'busy', 429);
};

describe('a rule on what arrives in a bucket', () => {
  it('invokes its function, as the service that acts for the rule', () => {
    open().objectCreated(UPLOAD);
    expect(lambda.invocations).toMatchObject([
      {
        functionArn: VALIDATOR,
        isAsync: true,
        payload: {
          source: 'aws.s3',
          'detail-type': 'Object Created',
          resources: ['arn:aws:s3:::objects'],
          detail: { bucket: { name: 'objects' }, object: { key: 'acme/uploads/1', size: 5, etag: 'abc' } },
        },
      },
    ]);
    expect(authorizer.demands).toMatchObject([
      {
        principal: { kind: 'service', service: 'events.amazonaws.com', sourceArn: RULE },
        need: { action: 'lambda:InvokeFunction', resource: VALIDATOR, context: { 'aws:SourceArn': RULE } },
      },
    ]);
  });

  it('hears of no other objects', () => {
    const bridge = open();
    bridge.objectCreated({ ...UPLOAD, key: 'acme/bundles/1' });
    bridge.objectCreated({ ...UPLOAD, bucket: 'others' });
    expect(lambda.invocations).toEqual([]);
  });

  it('hears of nothing where the bucket does not tell, or the rule is off', () => {
    open({ bucket: {} }).objectCreated(UPLOAD);
    open({ rules: [{ ...rule, State: 'DISABLED' }] }).objectCreated(UPLOAD);
    expect(lambda.invocations).toEqual([]);
  });

  it('tries again as often as it says, ever later', async () => {
    lambda.answers.push(busy, busy);
    open().objectCreated(UPLOAD);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(lambda.invocations).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(lambda.invocations).toHaveLength(3);
    expect(failures).toEqual([]);
  });

  it('gives up when the retries are used up, and says so', async () => {
    lambda.answers.push(busy, busy, busy);
    open().objectCreated(UPLOAD);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lambda.invocations).toHaveLength(3);
    expect(failures).toMatchObject([{ source: RULE, error: { code: 'TooManyRequestsException' } }]);
  });

  it('that may not invoke its function fails at once', async () => {
    authorizer.deny('lambda:InvokeFunction');
    open().objectCreated(UPLOAD);
    await vi.advanceTimersByTimeAsync(0);
    expect(lambda.invocations).toEqual([]);
    expect(failures).toMatchObject([{ error: { code: 'AccessDeniedException' } }]);
  });

  it('with a retry ahead leaves no timer when the cloud is closed', async () => {
    lambda.answers.push(busy);
    const bridge = open();
    bridge.objectCreated(UPLOAD);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(1);
    bridge.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['a schedule', { ...rule, ScheduleExpression: 'rate(1 minute)' }],
    ['a target that is no function', { ...rule, Targets: [{ Arn: 'arn:aws:sqs:eu:1:q', Id: 'q' }] }],
    ['a changed input', { ...rule, Targets: [{ Arn: VALIDATOR, Id: 't', InputPath: '$.detail' }] }],
    ['a pattern that is not known', { ...rule, EventPattern: { source: [{ 'anything-but': 'aws.s3' }] } }],
  ])('with %s stops the cloud at the start', (_what, properties) => {
    expect(() => open({ rules: [properties] })).toThrow(/local cloud|no function/);
  });
});

describe('a pattern', () => {
  const matches = (pattern: object, event: object) => matchesEvent(readEventPattern(pattern), event);

  it('accepts any of its values, of the same type', () => {
    expect(matches({ size: [1, 2] }, { size: 2 })).toBe(true);
    expect(matches({ size: [1, 2] }, { size: '2' })).toBe(false);
    expect(matches({ size: [null] }, { size: null })).toBe(true);
    expect(matches({ size: [1] }, {})).toBe(false);
  });

  it('accepts a list that holds one of its values', () => {
    expect(matches({ tags: ['b'] }, { tags: ['a', 'b'] })).toBe(true);
    expect(matches({ tags: ['c'] }, { tags: ['a', 'b'] })).toBe(false);
  });

  it('knows beginnings and wildcards, which stand for anything, and nothing else does', () => {
    expect(matches({ key: [{ prefix: 'a.c' }] }, { key: 'a.cd' })).toBe(true);
    expect(matches({ key: [{ prefix: 'a.c' }] }, { key: 'abcd' })).toBe(false);
    expect(matches({ key: [{ wildcard: '*/up.loads/*' }] }, { key: 'a/b/up.loads/c\nd' })).toBe(true);
    expect(matches({ key: [{ wildcard: '*/up.loads/*' }] }, { key: 'a/upXloads/c' })).toBe(false);
    expect(matches({ key: [{ wildcard: 'a' }] }, { key: 'ab' })).toBe(false);
  });
});

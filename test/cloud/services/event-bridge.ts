import { randomUUID } from 'node:crypto';
import type { Authorizer, LambdaHost, LocalStack, StackResource } from '../contract.ts';
import { type DeliveryFailure, deliver, type RetryPolicy, readRetryPolicy } from './delivery.ts';
import { type EventPattern, matchesEvent, readEventPattern } from './event-pattern.ts';
import type { ObjectCreated } from './s3-calls.ts';
import { Input, readProperties } from './strict-input.ts';
import { Timers } from './timers.ts';

const SERVICE = 'events.amazonaws.com';

interface Rule {
  readonly arn: string;
  readonly pattern: EventPattern;
  readonly targets: readonly { readonly functionArn: string; readonly retryPolicy: RetryPolicy }[];
}

export interface EventBridge {
  /** An object was put; heard of only where its bucket tells EventBridge. */
  objectCreated(created: ObjectCreated): void;
  close(): void;
}

/**
 * The account's event bus as far as the template uses it: rules on what happens in buckets, with functions as targets.
 * @throws Error where a rule says what the local cloud does not know
 */
export const makeEventBridge = (params: {
  readonly stack: LocalStack;
  readonly authorizer: Authorizer;
  readonly lambda: LambdaHost;
  readonly onFailure: (failure: DeliveryFailure) => void;
  /** Before the first retry; doubles. @default 1_000 */
  readonly firstRetryMs?: number;
}): EventBridge => {
  const { stack, authorizer, lambda, onFailure, firstRetryMs = 1_000 } = params;
  const timers = new Timers();
  const rules = stack.ofType('AWS::Events::Rule').flatMap((resource) => readRule(stack, resource));

  const tell = (rule: Rule, event: object): void => {
    for (const { functionArn, retryPolicy } of rule.targets) {
      const attempt = (): Promise<unknown> => {
        authorizer.demand(
          { kind: 'service', service: SERVICE, sourceArn: rule.arn },
          {
            action: 'lambda:InvokeFunction',
            resource: functionArn,
            context: { 'aws:SourceArn': rule.arn, 'aws:SourceAccount': stack.account },
          },
        );
        return lambda.invoke({ functionArn, payload: event, isAsync: true });
      };
      void deliver({ source: rule.arn, attempt, policy: retryPolicy, firstDelayMs: firstRetryMs, timers, onFailure });
    }
  };

  return {
    objectCreated: (created) => {
      const bucket = stack.ofType('AWS::S3::Bucket').find(({ ref }) => ref === created.bucket);
      if (bucket === undefined || !tellsEventBridge(bucket)) return;
      const event = objectCreatedEvent(stack, bucket, created);
      for (const rule of rules) if (matchesEvent(rule.pattern, event)) tell(rule, event);
    },
    close: () => timers.close(),
  };
};

const tellsEventBridge = ({ properties }: StackResource): boolean =>
  String(properties.NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled) === 'true';

const readRule = (stack: LocalStack, resource: StackResource): readonly Rule[] => {
  const properties = readProperties(resource, ['Name', 'Description', 'EventPattern', 'State', 'Targets']);
  const state = properties.oneOf('State', ['ENABLED', 'DISABLED'], 'ENABLED');
  const pattern = readEventPattern(properties.raw('EventPattern'), `${resource.logicalId}.EventPattern`);
  const targets: readonly unknown[] = resource.properties.Targets ?? [];
  const rule = { arn: resource.arn, pattern, targets: targets.map((target) => readTarget(stack, resource, target)) };
  return state === 'ENABLED' ? [rule] : [];
};

const readTarget = (stack: LocalStack, { logicalId }: StackResource, target: unknown): Rule['targets'][number] => {
  const refuse = (message: string): Error => new Error(`Target of rule ${logicalId}: ${message}`);
  const input = new Input(target, ['Arn', 'Id', 'RetryPolicy'], refuse);
  const functionArn = input.text('Arn');
  if (!stack.ofType('AWS::Lambda::Function').some(({ arn }) => arn === functionArn)) {
    throw refuse(`${functionArn} is no function of the stack.`);
  }
  return { functionArn, retryPolicy: readRetryPolicy(input.raw('RetryPolicy') ?? {}) };
};

const objectCreatedEvent = (stack: LocalStack, bucket: StackResource, created: ObjectCreated): object => {
  const { key, size, etag } = created;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: stack.account,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region: stack.region,
    resources: [bucket.arn],
    detail: {
      version: '0',
      bucket: { name: created.bucket },
      // As it is, not percent-encoded as in a bucket's own notifications.
      object: { key, size, etag, sequencer: Date.now().toString(16).toUpperCase() },
      'request-id': randomUUID(),
      requester: stack.account,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  };
};

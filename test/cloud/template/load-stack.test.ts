import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Synthesis, synthesize } from '../../infra/synthesize.ts';
import type { LocalStack } from '../contract.ts';
import { loadStack } from './load-stack.ts';
import { readTemplate, type Template } from './template.ts';

const place = { name: 'Tenon', endpoint: 'http://127.0.0.1:4566', apiEndpoint: 'http://127.0.0.1:8080' };

const load = (template: Template): LocalStack => loadStack({ ...place, template, assemblyFolder: '/nowhere' });

/** One resource whose property `Value` is what is to be resolved. */
const resolvedIn = (value: unknown): unknown =>
  load({
    Resources: {
      Key: { Type: 'AWS::KMS::Key' },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work', Value: value } },
    },
  }).find('AWS::SQS::Queue').properties.Value;

describe('the stack as synthesized', () => {
  let synthesis: Synthesis;
  let stack: LocalStack;

  beforeAll(() => {
    synthesis = synthesize();
    stack = loadStack({
      ...place,
      template: readTemplate(synthesis.folder, 'Tenon'),
      assemblyFolder: synthesis.folder,
    });
  }, 60_000);
  afterAll(() => synthesis.remove());

  it('loads with every resource named and nothing left to resolve', () => {
    expect(stack.resources).toHaveLength(Object.keys(synthesis.template.Resources).length);
    expect(JSON.stringify(stack.resources)).not.toMatch(/"Fn::|"Ref":|undefined/);
    const names = stack.resources
      .filter(({ type }) => type !== 'AWS::S3::BucketPolicy')
      .map(({ type, ref }) => `${type} ${ref}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names resources as AWS does', () => {
    expect(stack.find('AWS::SQS::Queue', 'WorkQueueA')).toMatchObject({
      ref: expect.stringMatching(/^http:\/\/127\.0\.0\.1:4566\/123456789012\/Tenon-WorkQueue[A-Za-z0-9-]+$/),
      arn: expect.stringMatching(/^arn:aws:sqs:us-east-1:123456789012:Tenon-WorkQueue/),
    });
    expect(stack.find('AWS::S3::Bucket').ref).toMatch(/^[a-z0-9-]{3,63}$/);
    expect(stack.find('AWS::S3::Bucket').arn).toBe(`arn:aws:s3:::${stack.find('AWS::S3::Bucket').ref}`);
    for (const { ref, arn } of stack.ofType('AWS::Lambda::Function')) {
      expect(ref).toMatch(/^[A-Za-z0-9-_]{1,64}$/);
      expect(arn).toBe(`arn:aws:lambda:us-east-1:123456789012:function:${ref}`);
    }
    expect(stack.find('AWS::StepFunctions::StateMachine').ref).toMatch(/^arn:aws:states:.*:stateMachine:Tenon-/);
    expect(stack.find('AWS::Scheduler::ScheduleGroup').ref).toBe('Tenon-Timers-Group-B1757282');
    expect(stack.outputs.ApiUrl).toBe('http://127.0.0.1:8080');
  });

  it('gives functions the names of what they use, in their environment', () => {
    const { Variables } = stack.find('AWS::Lambda::Function', 'DispatcherLambda').properties.Environment;
    expect(Variables).toMatchObject({
      TENON_TABLE: stack.find('AWS::DynamoDB::Table').ref,
      TENON_QUEUE_URL: stack.find('AWS::SQS::Queue', 'WorkQueueA').ref,
      TENON_TENANT_ROLE: stack.find('AWS::IAM::Role', 'TenantIsolationTenantRole').arn,
      TENON_SANDBOX: stack.find('AWS::StepFunctions::StateMachine').arn,
    });
  });

  it('does not load once a resource is gone that another refers to', () => {
    const { StorageTableB43FDCE7: _, ...Resources } = synthesis.template.Resources;
    expect(() => load({ ...synthesis.template, Resources })).toThrow(
      /refers to StorageTableB43FDCE7|asks StorageTable/,
    );
  });
});

describe('intrinsic functions', () => {
  it.each([
    [{ Ref: 'Queue' }, 'http://127.0.0.1:4566/123456789012/work'],
    [{ 'Fn::GetAtt': ['Queue', 'QueueName'] }, 'work'],
    [{ 'Fn::GetAtt': 'Queue.Arn' }, 'arn:aws:sqs:us-east-1:123456789012:work'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-us-east-1'],
    [{ 'Fn::Sub': '$<AWS::AccountId>/$<Queue.QueueName>/$<!Literally>' }, '123456789012/work/$<Literally>'],
    [{ 'Fn::Sub': ['$<Own>', { Own: { Ref: 'AWS::Partition' } }] }, 'aws'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [
      [1, { Ref: 'AWS::NoValue' }, true],
      [1, true],
    ],
    [{ kept: 1, gone: { Ref: 'AWS::NoValue' } }, { kept: 1 }],
  ])('%j resolves', (value, resolved) => {
    // Braces are put in here: outside of a template string they would look like a mistake.
    const [given, expected] = JSON.parse(JSON.stringify([value, resolved]).replaceAll(/\$<(.*?)>/g, '$${$1}'));
    expect(resolvedIn(given)).toEqual(expected);
  });

  it.each([
    [{ Ref: 'Missing' }, 'Queue: refers to Missing'],
    [{ 'Fn::GetAtt': ['Queue', 'Colour'] }, 'Queue: asks Queue for Colour'],
    [{ 'Fn::ImportValue': 'x' }, 'Queue: the intrinsic function Fn::ImportValue is not known'],
    [{ 'Fn::If': ['a', 1, 2] }, 'Queue: the intrinsic function Fn::If is not known'],
    ['{{resolve:secretsmanager:x}}', 'Queue: dynamic references are not known'],
    [{ 'Fn::Select': [3, ['a']] }, 'Queue: Fn::Select finds nothing'],
  ])('%j is refused', (value, message) => {
    expect(() => resolvedIn(value)).toThrow(message);
  });
});

describe('a template that this does not understand', () => {
  it.each<[string, Template, string]>([
    ['a type', { Resources: { Vpc: { Type: 'AWS::EC2::VPC' } } }, 'Vpc: resources of type AWS::EC2::VPC'],
    ['an element', { Resources: {}, Conditions: {} } as Template, 'has Conditions'],
    [
      'an element of a resource',
      { Resources: { Queue: { Type: 'AWS::SQS::Queue', Condition: 'X' } as Template['Resources'][string] } },
      'Queue: has Condition',
    ],
    ['a dependency', { Resources: { Queue: { Type: 'AWS::SQS::Queue', DependsOn: 'X' } } }, 'Queue: depends on X'],
    [
      'a rule',
      {
        Resources: {},
        Rules: { Mine: { Assertions: [{ Assert: { 'Fn::Not': [{ 'Fn::Contains': [['a'], 'a'] }] } }] } },
      },
      'Mine does not hold',
    ],
  ])('is refused for %s', (_, template, message) => {
    expect(() => load(template)).toThrow(message);
  });
});

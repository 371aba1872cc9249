import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIST_INDEX, tableDefinition, WAKE_INDEX } from '../../lib/adapters/aws/dynamodb-keys.ts';
import { ofType, type Synthesis, synthesize, type Template } from './synthesize.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/** As IAM puts the session's tag in its place. */
const TENANT = `\${aws:PrincipalTag/tenant}`;

let synthesis: Synthesis;
let template: Template;

beforeAll(() => {
  synthesis = synthesize();
  template = synthesis.template;
}, 60_000);

afterAll(() => synthesis.remove());

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const statementsOf = (policy: { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }) =>
  policy.PolicyDocument.Statement;

/** What a function may do, by the beginning of its logical id. */
const allowedTo = (owner: string): readonly Statement[] =>
  ofType(template, 'AWS::IAM::Policy')
    .filter(([id]) => id.startsWith(owner))
    .flatMap(([, { Properties }]) => statementsOf(Properties));

const functionOf = (owner: string) => {
  const [id, resource] =
    ofType(template, 'AWS::Lambda::Function').find(([logicalId]) => logicalId.startsWith(owner)) ?? [];
  if (id === undefined || resource === undefined) throw new Error(`No function of ${owner}`);
  return { id, properties: resource.Properties };
};

describe('the template', () => {
  it('is as it was when somebody last looked at it', async () => {
    const text = JSON.stringify(template, null, 1).replaceAll(/[0-9a-f]{64}/g, '<hash of a package>');
    await expect(`${text}\n`).toMatchFileSnapshot('tenon-stack.template.snap');
  });

  it('tells where the API is, how to read the operator key, and what holds the data', () => {
    expect(Object.keys(template.Outputs).toSorted()).toEqual([
      'ApiUrl',
      'BucketName',
      'DashboardUrl',
      'OperatorKeyCommand',
      'TableName',
    ]);
    expect(JSON.stringify(template.Outputs.OperatorKeyCommand)).toContain('aws secretsmanager get-secret-value');
  });

  it('holds no resource of a custom kind: what the CDK would do by a function of its own is done by properties', () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => !type.startsWith('AWS::') || type.includes('CustomResource'))).toEqual([]);
  });

  it('keeps table, bucket, key and operator key when the stack is removed', () => {
    const kept = Object.values(template.Resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(kept.map(({ Type }) => Type).toSorted()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::SecretsManager::Secret',
    ]);
  });

  it('breaks no rule of cdk-nag but those that a part acknowledges, one by one, with its reason', () => {
    expect([...synthesis.acknowledged.keys()].toSorted()).toMatchInlineSnapshot(`
      [
        "Tenon/BundleIntake/Validator/Role Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/*]",
        "Tenon/Dispatcher/Role Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/*]",
        "Tenon/Dispatcher/Role Annotation::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/Tenon-Timers-Group-B1757282/*]",
        "Tenon/FrontDoor/Api/Role Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/*]",
        "Tenon/FrontDoor/HttpApi Annotation::AwsSolutions-APIG4",
        "Tenon/FrontDoor/LongPoll/Role Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/*]",
        "Tenon/Sandbox/Build Annotation::AwsSolutions-CB4",
        "Tenon/Sandbox/Finished/Role Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/*]",
        "Tenon/Sandbox/States Annotation::AwsSolutions-SF1",
        "Tenon/Sandbox/States Annotation::AwsSolutions-SF2",
        "Tenon/Storage/Bucket Annotation::AwsSolutions-S1",
        "Tenon/Storage/OperatorKey Annotation::AwsSolutions-SMG4",
        "Tenon/Sweeper/Role Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/*]",
        "Tenon/TenantIsolation/TenantRole Annotation::AwsSolutions-IAM5[Resource::<StorageBucket5CB7C8EA.Arn>/<aws:PrincipalTag/tenant>/*]",
      ]
    `);
    for (const reason of synthesis.acknowledged.values()) expect(reason.length).toBeGreaterThan(60);
  });
});

describe('functions', () => {
  it('run on Node 24 and arm64, log as JSON, and each has a role that no other has', () => {
    const functions = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    expect(functions).toHaveLength(7);
    for (const { Runtime, Architectures, LoggingConfig } of functions) {
      expect({ Runtime, Architectures }).toEqual({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(LoggingConfig.LogFormat).toBe('JSON');
    }
    expect(new Set(functions.map(({ Role }) => JSON.stringify(Role))).size).toBe(functions.length);
  });

  it('have roles with statements of their own only: no policy that AWS keeps and may widen', () => {
    for (const [, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('know each name that they are told by its variable, and no secret', () => {
    for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
      for (const name of Object.keys(Properties.Environment?.Variables ?? {})) {
        expect(name).toMatch(/^TENON_[A-Z_]+$/);
      }
    }
    expect(JSON.stringify(template)).not.toContain('resolve:secretsmanager');
  });
});

describe('permissions', () => {
  it('name their actions one by one, and no resource is everything', () => {
    const policies = ofType(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) => statementsOf(Properties));
    expect(policies.length).toBeGreaterThan(40);
    for (const { Effect, Action, Resource } of policies) {
      expect(Effect).toBe('Allow');
      for (const action of list(Action)) expect(action).not.toContain('*');
      for (const resource of list(Resource)) expect(resource).not.toBe('*');
    }
  });

  it('reach by a pattern only objects of the bucket and schedules of the group', () => {
    const wildcards = ofType(template, 'AWS::IAM::Policy')
      .flatMap(([, { Properties }]) => statementsOf(Properties))
      .flatMap(({ Resource }) => list(Resource))
      .map((resource) => JSON.stringify(resource))
      .filter((resource) => resource.includes('*'));
    expect([...new Set(wildcards)].map((text) => text.replaceAll(/[^a-zA-Z:/*${}]/g, '')).toSorted()).toEqual([
      expect.stringMatching(/:schedule\/TenonTimersGroup[A-Z]*\/\*\}$/),
      expect.stringMatching(/StorageBucket[A-Z]*Arn\}\/\$\{aws:PrincipalTag\/tenant\}\/\*\}$/),
      expect.stringMatching(/StorageBucket[A-Z]*Arn\}\/\*\}$/),
    ]);
  });

  it('give everything only where a key or a bucket speaks of itself, or to refuse what is not encrypted', () => {
    const policies = [
      ...ofType(template, 'AWS::SQS::QueuePolicy'),
      ...ofType(template, 'AWS::S3::BucketPolicy'),
    ].flatMap(([, { Properties }]) => statementsOf(Properties));
    for (const { Effect, Condition } of policies) {
      expect(Effect).toBe('Deny');
      expect(Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    }
  });

  it('give the executor nothing, not even a log', () => {
    expect(allowedTo('TenantIsolationExecutor')).toEqual([]);
    expect(functionOf('TenantIsolationExecutor').properties.LoggingConfig.LogGroup).toBeUndefined();
  });

  it('give the build that runs tenants’ commands its own log and nothing else', () => {
    expect(allowedTo('SandboxBuildRole')).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^SandboxBuildLogs/), 'Arn'] },
      },
    ]);
  });

  it('let nobody scan the table', () => {
    expect(JSON.stringify(template)).not.toContain('dynamodb:Scan');
  });
});

describe('tenant isolation', () => {
  it('gives each tenant environments of its own', () => {
    expect(functionOf('TenantIsolationExecutor').properties.TenancyConfig).toEqual({
      TenantIsolationMode: 'PER_TENANT',
    });
  });

  it('is reached by those that would run the code themselves: neither queue nor HTTP API can name a tenant', () => {
    const { id } = functionOf('TenantIsolationExecutor');
    const wires = ['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Permission', 'AWS::ApiGatewayV2::Integration'];
    for (const type of wires) expect(JSON.stringify(ofType(template, type))).not.toContain(id);
    const callers = ofType(template, 'AWS::IAM::Policy').filter(([, policy]) => JSON.stringify(policy).includes(id));
    expect(callers.map(([policy]) => policy).toSorted()).toEqual([
      expect.stringMatching(/^BundleIntakeValidatorRole/),
      expect.stringMatching(/^DispatcherRole/),
      expect.stringMatching(/^FrontDoorApiRole/),
    ]);
  });

  it('opens a session for a caller that says which tenant it is for, and by no other tag', () => {
    const [, role] =
      ofType(template, 'AWS::IAM::Role').find(([id]) => id.startsWith('TenantIsolationTenantRole')) ?? [];
    const statements: readonly Statement[] = role?.Properties.AssumeRolePolicyDocument.Statement;
    expect(statements).toHaveLength(3);
    for (const { Action, Condition } of statements) {
      expect(Action).toEqual(['sts:AssumeRole', 'sts:TagSession']);
      expect(Condition).toEqual({
        Null: { 'aws:RequestTag/tenant': 'false' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['tenant'] },
      });
    }
  });

  it('bounds a session to the rows, objects and secrets of its tenant, and to no index', () => {
    const statements = allowedTo('TenantIsolationTenantRole');
    const rows = statements.find(({ Action }) => list(Action).includes('dynamodb:GetItem'));
    expect(rows?.Condition).toEqual({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`T#${TENANT}#*`] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    });
    const objects = statements.find(({ Action }) => list(Action).includes('s3:GetObject'));
    expect(JSON.stringify(objects?.Resource)).toContain(`"/${TENANT}/*"`);
    const names = statements.find(({ Action }) => list(Action).includes('s3:ListBucket'));
    expect(names?.Condition).toEqual({ StringLike: { 's3:prefix': `${TENANT}/*` } });
    expect(JSON.stringify(statements)).not.toContain('/index/');
  });
});

describe('operations', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const sections = [...runbook.matchAll(/^## (\S+)$/gm)].map(([, name]) => name);

  it('names each alarm after a section of the runbook, says what is the matter, and leaves no section over', () => {
    const alarms = ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    expect(alarms.map(({ AlarmName }) => AlarmName.replace('Tenon-', '')).toSorted()).toEqual(sections.toSorted());
    for (const { AlarmName, AlarmDescription } of alarms) {
      expect(AlarmDescription).toContain(`docs/runbook.md#${AlarmName.replace('Tenon-', '')}`);
    }
  });

  it('takes silence for trouble only where something must happen each minute', () => {
    const breaching = ofType(template, 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties }]) => Properties.TreatMissingData === 'breaching',
    );
    expect(breaching.map(([, { Properties }]) => Properties.AlarmName)).toEqual(['Tenon-sweeper-silent']);
  });

  it('sweeps once a minute, and one sweep at a time', () => {
    const [[, schedule] = []] = ofType(template, 'AWS::Scheduler::Schedule');
    expect(schedule?.Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(functionOf('Sweeper').properties.ReservedConcurrentExecutions).toBe(1);
  });
});

describe('the table', () => {
  it('has the keys and indexes that the adapter’s key design asks for', () => {
    const [[, table] = []] = ofType(template, 'AWS::DynamoDB::Table');
    expect(table?.Properties.GlobalSecondaryIndexes.map(({ IndexName }: { IndexName: string }) => IndexName)).toEqual([
      LIST_INDEX,
      WAKE_INDEX,
    ]);
    expect(table?.Properties.TimeToLiveSpecification).toEqual({
      AttributeName: tableDefinition.timeToLive,
      Enabled: true,
    });
  });
});

describe('the work queue', () => {
  it('shows a message again only after the dispatcher’s own time is up, and puts it aside after ten tries', () => {
    const [, queue] = ofType(template, 'AWS::SQS::Queue').find(([id]) => id.startsWith('WorkQueueA')) ?? [];
    expect(queue?.Properties.VisibilityTimeout).toBeGreaterThan(functionOf('Dispatcher').properties.Timeout);
    expect(queue?.Properties.RedrivePolicy.maxReceiveCount).toBe(10);
    // A queue with an order within groups would let one slow instance hold up all of its tenant.
    expect(queue?.Properties.FifoQueue).toBeUndefined();
  });

  it('hands messages over in batches of which single ones can fail', () => {
    const [[, source] = []] = ofType(template, 'AWS::Lambda::EventSourceMapping');
    expect(source?.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });
});

import assert from 'node:assert/strict';
import type { Need, Principal } from '../../contract.ts';
import type { LocalCloud } from '../../local-cloud.ts';
import type { Probe } from '../probe.ts';

type Case = readonly [what: string, principal: Principal, need: Need];

const OTHER_ACCOUNT = '999999999999';

const refuses = (cloud: LocalCloud, cases: readonly Case[], how = /not authorized/): void => {
  for (const [what, principal, need] of cases) {
    assert.throws(() => cloud.authorizer.demand(principal, need), how, `allowed: ${what}`);
  }
};

/** What the probes stand on: with the right word in the right place it is allowed. */
const allows = (cloud: LocalCloud, cases: readonly Case[]): void => {
  for (const [, principal, need] of cases) cloud.authorizer.demand(principal, need);
};

const namesOf = ({ stack }: LocalCloud) => {
  const role = (prefix: string, tags: Readonly<Record<string, string>> = {}): Principal => ({
    kind: 'role',
    roleArn: stack.find('AWS::IAM::Role', prefix).arn,
    tags,
  });
  return {
    role,
    service: (service: string, sourceArn: string): Principal => ({ kind: 'service', service, sourceArn }),
    table: stack.find('AWS::DynamoDB::Table').arn,
    bucket: stack.find('AWS::S3::Bucket').arn,
    key: stack.find('AWS::KMS::Key').arn,
    secret: stack.find('AWS::SecretsManager::Secret').arn,
    tenantRole: stack.find('AWS::IAM::Role', 'TenantIsolationTenantRole').arn,
    of: (type: string, prefix: string): string => stack.find(type, prefix).arn,
  };
};

export const REFUSAL_PROBES: readonly Probe[] = [
  {
    name: "a tenant's session reaches no row, object or secret of another tenant",
    check: async ({ cloud }) => {
      const { role, table, bucket, key } = namesOf(cloud);
      const session = role('TenantIsolationTenantRole', { tenant: 'a' });
      const row = (...keys: readonly string[]): Need => ({
        action: 'dynamodb:GetItem',
        resource: table,
        context: { 'dynamodb:LeadingKeys': keys },
      });
      const object = (name: string): Need => ({ action: 's3:GetObject', resource: `${bucket}/${name}` });
      const list = (prefix?: string): Need => ({
        action: 's3:ListBucket',
        resource: bucket,
        ...(prefix !== undefined && { context: { 's3:prefix': prefix } }),
      });
      const opening = (tenant: string): Need => ({
        action: 'kms:Decrypt',
        resource: key,
        context: { 'kms:EncryptionContext:tenant': tenant },
      });
      allows(cloud, [
        ['', session, row('T#a#A')],
        ['', session, object('a/x')],
        ['', session, list('a/values/')],
        ['', session, opening('a')],
      ]);
      refuses(cloud, [
        ['a row of b', session, row('T#b#A')],
        ['a row of b beside one of a', session, row('T#a#A', 'T#b#A')],
        ['what a has used', session, row('U#a')],
        ['who changed what of a', session, row('A#a')],
        ['rows of all', session, { action: 'dynamodb:GetItem', resource: table }],
        ['an object of b', session, object('b/x')],
        ['names of b', session, list('b/values/')],
        ['names of all', session, list()],
        ['a secret of b', session, opening('b')],
        ['a secret of nobody', session, { action: 'kms:Decrypt', resource: key }],
        ['a row without a tag', role('TenantIsolationTenantRole'), row('T#a#A')],
      ]);
    },
  },
  {
    name: 'a session of a tenant is opened with the tag of one tenant and no other tag',
    check: async ({ cloud }) => {
      const { role, tenantRole: resource } = namesOf(cloud);
      const need = (action: string, tags: Readonly<Record<string, string>>): Need => ({
        action,
        resource,
        context: {
          ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value])),
          ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
        },
      });
      for (const caller of ['FrontDoorApiRole', 'BundleIntakeValidatorRole', 'DispatcherRole']) {
        for (const action of ['sts:AssumeRole', 'sts:TagSession']) {
          allows(cloud, [['', role(caller), need(action, { tenant: 'a' })]]);
          refuses(cloud, [
            [`${caller}: ${action} without a tag`, role(caller), need(action, {})],
            [`${caller}: ${action} with one more`, role(caller), need(action, { tenant: 'a', other: 'b' })],
          ]);
        }
      }
      refuses(cloud, [['a function of another kind', role('SweeperRole'), need('sts:AssumeRole', { tenant: 'a' })]]);
    },
  },
  {
    name: 'keys open what is sealed for a tenant, and the operator key, and nothing else',
    check: async ({ cloud }) => {
      const { role, key: resource, secret } = namesOf(cloud);
      const need = (action: string, context?: Need['context']): Need => ({
        action: `kms:${action}`,
        resource,
        ...(context && { context }),
      });
      const other = { 'kms:EncryptionContext:SecretARN': `${secret}-other` };
      for (const name of ['FrontDoorApiRole', 'FrontDoorLongPollRole', 'DispatcherRole']) {
        refuses(cloud, [
          [`${name} opens anything`, role(name), need('Decrypt')],
          [`${name} opens another secret`, role(name), need('Decrypt', other)],
        ]);
      }
      refuses(cloud, [['api seals for nobody', role('FrontDoorApiRole'), need('Encrypt')]]);
    },
  },
  {
    name: 'nothing is taken without TLS',
    check: async ({ cloud }) => {
      const { role, bucket, of } = namesOf(cloud);
      const plain = { 'aws:SecureTransport': 'false' };
      const api = role('FrontDoorApiRole');
      const queues = ['WorkQueueA', 'WorkQueueDeadLetters'].map((prefix) => of('AWS::SQS::Queue', prefix));
      refuses(
        cloud,
        [
          ['listing', api, { action: 's3:ListBucket', resource: bucket, context: plain }],
          ['an object', api, { action: 's3:GetObject', resource: `${bucket}/a/x`, context: plain }],
          ...queues.map((resource): Case => [resource, api, { action: 'sqs:SendMessage', resource, context: plain }]),
        ],
        /explicit deny/,
      );
      // Nobody of the stack reads what was put aside; that is left to whoever is allowed to by a policy of his own.
      const [, resource = ''] = queues;
      refuses(cloud, [['dead letters', api, { action: 'sqs:ReceiveMessage', resource }]], /no identity-based policy/);
    },
  },
  {
    name: 'services act for this stack only, and roles are handed to the scheduler only',
    check: async ({ cloud }) => {
      const { role, service, of } = namesOf(cloud);
      const { region } = cloud.stack;
      const foreign = `arn:aws:scheduler:${region}:${OTHER_ACCOUNT}:schedule/default/x`;
      const context = { 'aws:SourceAccount': OTHER_ACCOUNT };
      for (const prefix of ['TimersSenderRole', 'TimersSweepRole']) {
        const resource = of('AWS::IAM::Role', prefix);
        refuses(cloud, [
          [
            `${prefix} for another account`,
            service('scheduler', foreign),
            { action: 'sts:AssumeRole', resource, context },
          ],
        ]);
      }
      refuses(cloud, [
        [
          'a role for another service',
          role('DispatcherRole'),
          {
            action: 'iam:PassRole',
            resource: of('AWS::IAM::Role', 'TimersSenderRole'),
            context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
          },
        ],
      ]);
      const functions = ['FrontDoorApi', 'FrontDoorLongPoll', 'BundleIntake'].map((prefix) =>
        of('AWS::Lambda::Function', prefix),
      );
      for (const resource of functions) {
        const need = { action: 'lambda:InvokeFunction', resource };
        const api = `arn:aws:execute-api:${region}:${cloud.stack.account}:other/$default/GET/v1/tenants`;
        const rule = `arn:aws:events:${region}:${cloud.stack.account}:rule/other`;
        refuses(cloud, [
          ['another API', service('apigateway', api), need],
          ['another rule', service('events', rule), need],
        ]);
      }
    },
  },
];

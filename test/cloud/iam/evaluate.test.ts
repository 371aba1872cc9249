import { describe, expect, it } from 'vitest';
import type { Need, Principal } from '../contract.ts';
import { type Decision, decide, type Policies } from './evaluate.ts';
import { parsePolicy } from './policy.ts';
import { contextOf } from './request-context.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`;
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/rows`;
/** As it stands in a policy: written so that it does not look like a mistake. */
const TENANT = `\${aws:PrincipalTag/tenant}`;

const worker: Principal = { kind: 'role', roleArn: ROLE, tags: { tenant: 'one' } };
const untagged: Principal = { kind: 'role', roleArn: ROLE, tags: {} };
const events: Principal = {
  kind: 'service',
  service: 'events.amazonaws.com',
  sourceArn: `arn:aws:events:us-east-1:${ACCOUNT}:rule/arrived`,
};

type Document = Readonly<Record<string, unknown>>;

const statements = (...documents: readonly Document[]) =>
  parsePolicy({ Version: '2012-10-17', Statement: documents }, 'a test');

const allow = (parts: Document = {}): Document => ({ Effect: 'Allow', Action: '*', Resource: '*', ...parts });
const deny = (parts: Document = {}): Document => ({ ...allow(parts), Effect: 'Deny' });

const decisionOn = (
  policies: Partial<Policies>,
  { principal = worker, need = {} }: { readonly principal?: Principal; readonly need?: Partial<Need> } = {},
): Decision['kind'] => {
  const asked: Need = { action: 'dynamodb:GetItem', resource: TABLE, ...need };
  return decide(
    {
      principal,
      need: asked,
      account: ACCOUNT,
      context: contextOf(principal, asked, { account: ACCOUNT, region: 'us-east-1' }),
    },
    { identity: [], resource: [], resourceMode: 'may_add', ...policies },
  ).kind;
};

const [yes, no] = ['allowed', 'refused'] as const;

describe('actions and resources', () => {
  it.each<[Document, Decision['kind']]>([
    [{ Action: 'dynamodb:GetItem' }, yes],
    [{ Action: 'DynamoDB:getitem' }, yes],
    [{ Action: ['dynamodb:PutItem', 'dynamodb:Get*'] }, yes],
    [{ Action: 'dynamodb:Get?tem' }, yes],
    [{ Action: 'dynamodb:GetItems' }, no],
    [{ Action: 'dynamodb:Get' }, no],
    [{ Action: 's3:*' }, no],
    [{ Resource: TABLE }, yes],
    [{ Resource: ['arn:aws:s3:::x', TABLE] }, yes],
    [{ Resource: `${TABLE}/index/list` }, no],
    [{ Resource: TABLE.toUpperCase() }, no],
    [{ Resource: 'arn:aws:dynamodb:*:*:table/ro?s' }, yes],
    [{ Resource: 'arn:aws:dynamodb:*:table/row' }, no],
    [{ Resource: TABLE.replace('rows', 'r.*s') }, no],
  ])('%j', (parts, decision) => {
    expect(decisionOn({ identity: statements(allow(parts)) })).toBe(decision);
  });

  it('are refused where nothing allows them, and where anything denies them', () => {
    expect(decisionOn({})).toBe(no);
    expect(decisionOn({ identity: statements(allow(), deny()) })).toBe(no);
    expect(decisionOn({ identity: statements(allow(), deny({ Action: 's3:*' })) })).toBe(yes);
  });
});

describe('policy variables', () => {
  const identity = statements(allow({ Resource: `arn:aws:s3:::bucket/${TENANT}/*` }));
  const objectOf = (tenant: string) => ({ need: { resource: `arn:aws:s3:::bucket/${tenant}/a/b` } });

  it('stand for the tag of the session', () => {
    expect(decisionOn({ identity }, objectOf('one'))).toBe(yes);
    expect(decisionOn({ identity }, objectOf('two'))).toBe(no);
    expect(decisionOn({ identity }, objectOf('one/../two'))).toBe(yes);
  });

  it('match nothing without a value', () => {
    expect(decisionOn({ identity }, { ...objectOf(''), principal: untagged })).toBe(no);
    expect(decisionOn({ identity }, { ...objectOf(TENANT), principal: untagged })).toBe(no);
  });

  it('bring no wildcards: a tenant called * is a tenant like any other', () => {
    const principal: Principal = { ...untagged, tags: { tenant: '*' } };
    expect(decisionOn({ identity }, { ...objectOf('two'), principal })).toBe(no);
    expect(decisionOn({ identity }, { ...objectOf('*'), principal })).toBe(yes);
  });

  it('may write a wildcard’s letter itself', () => {
    const literal = statements(allow({ Resource: `arn:aws:s3:::bucket/\${*}` }));
    expect(decisionOn({ identity: literal }, { need: { resource: 'arn:aws:s3:::bucket/*' } })).toBe(yes);
    expect(decisionOn({ identity: literal }, { need: { resource: 'arn:aws:s3:::bucket/x' } })).toBe(no);
  });
});

describe('conditions', () => {
  const LEADING = 'dynamodb:LeadingKeys';
  const own = { 'ForAllValues:StringLike': { [LEADING]: [`T#${TENANT}#*`] } };
  const bounded = { ...own, Null: { [LEADING]: 'false' } };
  const keys = (...names: readonly string[]) => ({ [LEADING]: names });

  it.each<[Document, Need['context'], Decision['kind']]>([
    [bounded, keys('T#one#A'), yes],
    [bounded, keys('T#one#A', 'T#one#B'), yes],
    [bounded, keys('T#one#A', 'T#two#A'), no],
    [bounded, keys('T#onetwo#A'), no],
    [bounded, {}, no],
    [bounded, keys(), no],
    // Why the condition `Null` stands beside it.
    [own, {}, yes],
    [{ 'ForAnyValue:StringEquals': { [LEADING]: 'b' } }, keys('a', 'b'), yes],
    [{ 'ForAnyValue:StringEquals': { [LEADING]: 'b' } }, keys('a'), no],
    [{ 'ForAnyValue:StringEquals': { [LEADING]: 'b' } }, {}, no],
    [{ 'ForAnyValue:StringEqualsIfExists': { [LEADING]: 'b' } }, {}, yes],
    [{ StringEquals: { 'aws:RequestTag/x': ['a', 'b'] } }, { 'aws:RequestTag/x': 'b' }, yes],
    [{ StringEquals: { 'aws:RequestTag/x': 'a*' } }, { 'aws:RequestTag/x': 'ab' }, no],
    [{ StringEquals: { 'aws:RequestTag/x': 'a' } }, { 'aws:RequestTag/x': 'A' }, no],
    [{ StringEquals: { 'AWS:requesttag/X': 'a' } }, { 'aws:RequestTag/x': 'a' }, yes],
    [{ StringEqualsIgnoreCase: { 'aws:RequestTag/x': 'a' } }, { 'aws:RequestTag/x': 'A' }, yes],
    [{ StringEquals: { 'aws:RequestTag/x': 'a' } }, {}, no],
    [{ StringEqualsIfExists: { 'aws:RequestTag/x': 'a' } }, {}, yes],
    [{ StringEqualsIfExists: { 'aws:RequestTag/x': 'a' } }, { 'aws:RequestTag/x': 'b' }, no],
    [{ StringNotEquals: { 'aws:RequestTag/x': ['a', 'b'] } }, { 'aws:RequestTag/x': 'b' }, no],
    [{ StringNotEquals: { 'aws:RequestTag/x': ['a', 'b'] } }, { 'aws:RequestTag/x': 'c' }, yes],
    [{ StringNotEquals: { 'aws:RequestTag/x': 'a' } }, {}, yes],
    [{ StringLike: { 'aws:RequestTag/x': 'a*c' } }, { 'aws:RequestTag/x': 'abc' }, yes],
    [{ StringNotLike: { 'aws:RequestTag/x': 'a*c' } }, { 'aws:RequestTag/x': 'abc' }, no],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, {}, no],
    [{ Bool: { 'aws:SecureTransport': true } }, {}, yes],
    [{ Null: { 'aws:RequestTag/x': 'true' } }, {}, yes],
    [{ Null: { 'aws:RequestTag/x': 'true' } }, { 'aws:RequestTag/x': 'a' }, no],
    [{ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::*:role/w*` } }, {}, yes],
    // A wildcard does not reach over a colon into the next part.
    [{ ArnLike: { 'aws:PrincipalArn': `arn:aws:*:role/worker` } }, {}, no],
    [{ ArnNotEquals: { 'aws:PrincipalArn': ROLE } }, {}, no],
    [{ StringEquals: { 'aws:PrincipalTag/tenant': 'one' }, Bool: { 'aws:SecureTransport': 'false' } }, {}, no],
  ])('%j of %j', (Condition, context, decision) => {
    expect(decisionOn({ identity: statements(allow({ Condition })) }, { need: { context: context ?? {} } })).toBe(
      decision,
    );
  });
});

describe('policies of resources', () => {
  const byRole = statements(allow({ Principal: { AWS: ROLE } }));
  const byAccount = statements(allow({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }));
  const byOther = statements(allow({ Principal: { AWS: `${ROLE}s` } }));
  const identity = statements(allow());

  it.each<[string, Partial<Policies>, Decision['kind']]>([
    ['one that names the role is enough', { resource: byRole }, yes],
    ['one that names the account only leaves it to the role’s policies', { resource: byAccount }, no],
    ['one that names another role says nothing', { resource: byOther }, no],
    ['one that denies everybody does', { identity, resource: statements(deny({ Principal: '*' })) }, no],
    ['of a key: without it nobody', { identity, resourceMode: 'must_agree' }, no],
    ['of a key: one that names others', { identity, resource: byOther, resourceMode: 'must_agree' }, no],
    [
      'of a key: one that gives the account the say',
      { identity, resource: byAccount, resourceMode: 'must_agree' },
      yes,
    ],
    ['of a key: the account’s say alone', { resource: byAccount, resourceMode: 'must_agree' }, no],
    ['of a key: one that names the role', { resource: byRole, resourceMode: 'must_agree' }, yes],
  ])('%s', (_, policies, decision) => {
    expect(decisionOn(policies)).toBe(decision);
  });

  it.each<[Document, Decision['kind']]>([
    [{}, yes],
    [{ Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:us-east-1:${ACCOUNT}:rule/*` } } }, yes],
    [{ Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:us-east-1:${ACCOUNT}:rule/other` } } }, no],
    [{ Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } }, yes],
    [{ Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } } }, no],
    [{ Principal: { Service: 's3.amazonaws.com' } }, no],
    [{ Principal: { AWS: ACCOUNT } }, no],
  ])('let a service act where they say so: %j', (parts, decision) => {
    const resource = statements(allow({ Principal: { Service: 'events.amazonaws.com' }, ...parts }));
    expect(decisionOn({ resource, resourceMode: 'must_agree' }, { principal: events })).toBe(decision);
  });
});

describe('policies of sessions', () => {
  const session = statements(allow({ Action: 'dynamodb:GetItem' }));

  it('narrow what the role may, and give nothing', () => {
    expect(decisionOn({ identity: statements(allow()), session })).toBe(yes);
    expect(decisionOn({ identity: statements(allow()), session }, { need: { action: 'dynamodb:PutItem' } })).toBe(no);
    expect(decisionOn({ session })).toBe(no);
  });
});

describe('what is not understood', () => {
  it.each<[string, Document]>([
    ['NotAction', { NotAction: 's3:*' }],
    ['NotResource', { NotResource: '*' }],
    ['an operator', { Condition: { NumericLessThan: { 'aws:MultiFactorAuthAge': '1' } } }],
    ['an operator of any object', { Condition: { toString: { 'aws:PrincipalArn': '1' } } }],
    ['a kind of principal', { Principal: { Federated: 'x' } }],
    ['no actions', { Action: [] }],
    ['an effect', { Effect: 'Perhaps' }],
  ])('is refused when the policy is read: %s', (_, parts) => {
    expect(() => statements(allow(parts))).toThrow(/a test/);
  });

  it('is refused when the policy is read: an old version, in which variables are letters', () => {
    expect(() => parsePolicy({ Version: '2008-10-17', Statement: [allow()] }, 'a test')).toThrow('version');
  });

  it.each<[string, Document, Need['context']]>([
    ['a condition key that nobody here brings', { StringNotEquals: { 'aws:SourceVpc': 'x' } }, {}],
    ['many values under an operator of one', { StringEquals: { 'aws:TagKeys': 'a' } }, { 'aws:TagKeys': ['a', 'b'] }],
    [
      'a variable with a default',
      { StringEquals: { 'aws:RequestTag/x': `\${aws:PrincipalTag/x, 'y'}` } },
      { 'aws:RequestTag/x': 'y' },
    ],
  ])('throws when it comes to it: %s', (_, Condition, context) => {
    const identity = statements(allow({ Condition }));
    expect(() => decisionOn({ identity }, { need: { context: context ?? {} } })).toThrow(
      /not known here|meets 2 values/,
    );
  });
});

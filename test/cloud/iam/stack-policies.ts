import type { LocalStack, StackResource } from '../contract.ts';
import { parsePolicy, type Statement } from './policy.ts';

/** Every policy of a stack, by what it is attached to. */
export interface StackPolicies {
  ofRole(roleArn: string): readonly Statement[];
  /** Of a bucket (and its objects), a queue, a key, a function, a role (its trust policy). */
  ofResource(arn: string): readonly Statement[];
}

/** @throws Error for a policy that says something that is not known here, or hangs on nothing */
export const policiesOf = (stack: LocalStack): StackPolicies => {
  const ofRoles = new Map<string, Statement[]>();
  const ofResources = new Map<string, Statement[]>();

  for (const role of stack.ofType('AWS::IAM::Role')) {
    const { AssumeRolePolicyDocument: trust, ManagedPolicyArns, PermissionsBoundary, Policies = [] } = role.properties;
    if (ManagedPolicyArns !== undefined || PermissionsBoundary !== undefined) {
      throw new Error(`${role.logicalId}: managed policies and permission boundaries are not known here`);
    }
    add(ofResources, role.arn, parsePolicy(trust, role.logicalId));
    for (const { PolicyDocument } of Policies) add(ofRoles, role.arn, parsePolicy(PolicyDocument, role.logicalId));
  }
  for (const { logicalId, properties } of stack.ofType('AWS::IAM::Policy')) {
    const { PolicyDocument, Roles = [], Users, Groups } = properties;
    if (Users !== undefined || Groups !== undefined) throw new Error(`${logicalId}: hangs on more than roles`);
    for (const name of Roles) {
      const role = named(stack, 'AWS::IAM::Role', logicalId, ({ ref }) => ref === name);
      add(ofRoles, role.arn, parsePolicy(PolicyDocument, logicalId));
    }
  }
  for (const { logicalId, properties } of stack.ofType('AWS::S3::BucketPolicy')) {
    const bucket = named(stack, 'AWS::S3::Bucket', logicalId, ({ ref }) => ref === properties.Bucket);
    add(ofResources, bucket.arn, parsePolicy(properties.PolicyDocument, logicalId));
  }
  for (const { logicalId, properties } of stack.ofType('AWS::SQS::QueuePolicy')) {
    for (const url of properties.Queues) {
      const queue = named(stack, 'AWS::SQS::Queue', logicalId, ({ ref }) => ref === url);
      add(ofResources, queue.arn, parsePolicy(properties.PolicyDocument, logicalId));
    }
  }
  for (const key of stack.ofType('AWS::KMS::Key')) {
    add(ofResources, key.arn, parsePolicy(key.properties.KeyPolicy, key.logicalId));
  }
  for (const permission of stack.ofType('AWS::Lambda::Permission')) {
    const { FunctionName: name } = permission.properties;
    const lambda = named(
      stack,
      'AWS::Lambda::Function',
      permission.logicalId,
      ({ ref, arn }) => ref === name || arn === name,
    );
    add(ofResources, lambda.arn, [toStatement(permission, lambda)]);
  }

  return {
    ofRole: (roleArn) => ofRoles.get(roleArn) ?? [],
    // An object is under the policy of its bucket.
    ofResource: (arn) => ofResources.get(arn.startsWith('arn:aws:s3:::') ? (arn.split('/')[0] ?? arn) : arn) ?? [],
  };
};

/** As Lambda writes a permission into its function's policy. */
const toStatement = ({ logicalId, properties }: StackResource, lambda: StackResource): Statement => {
  const { Action, FunctionName: _, Principal, SourceArn, SourceAccount, ...others } = properties;
  for (const property of Object.keys(others)) throw new Error(`${logicalId}: ${property} is not known here`);
  return {
    effect: 'Allow',
    actions: [Action],
    resources: [lambda.arn],
    principals: [{ kind: /\.amazonaws\.com$/.test(Principal) ? 'service' : 'aws', value: Principal }],
    conditions: [
      ...(SourceArn === undefined ? [] : [{ operator: 'ArnLike', key: 'aws:SourceArn', values: [SourceArn] }]),
      ...(SourceAccount === undefined
        ? []
        : [{ operator: 'StringEquals', key: 'aws:SourceAccount', values: [SourceAccount] }]),
    ],
  };
};

const named = (
  stack: LocalStack,
  type: string,
  owner: string,
  isIt: (resource: StackResource) => boolean,
): StackResource => {
  const found = stack.ofType(type).find(isIt);
  if (found === undefined) throw new Error(`${owner}: hangs on a resource of ${type} that the stack does not have`);
  return found;
};

const add = (policies: Map<string, Statement[]>, arn: string, statements: readonly Statement[]): void => {
  policies.set(arn, [...(policies.get(arn) ?? []), ...statements]);
};

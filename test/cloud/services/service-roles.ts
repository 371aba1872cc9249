import type { Authorizer, LocalStack, Principal } from '../contract.ts';

/**
 * A service takes a role of the stack to act in its name, which the role's trust policy must allow.
 * @throws AwsError `AccessDenied...`
 */
export const assumeAsService = (params: {
  readonly authorizer: Authorizer;
  readonly stack: LocalStack;
  /** `scheduler.amazonaws.com` */
  readonly service: string;
  readonly roleArn: string;
  /** What the service acts for. */
  readonly sourceArn: string;
}): Principal => {
  const { authorizer, stack, service, roleArn, sourceArn } = params;
  authorizer.demand(
    { kind: 'service', service, sourceArn },
    {
      action: 'sts:AssumeRole',
      resource: roleArn,
      context: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': sourceArn },
    },
  );
  return { kind: 'role', roleArn, tags: {} };
};

import { type Authorizer, AwsError, type LocalStack, type Need, type Principal } from '../contract.ts';
import { decide } from './evaluate.ts';
import { parsePolicy } from './policy.ts';
import { contextOf } from './request-context.ts';
import { policiesOf } from './stack-policies.ts';

/** Services that call a refusal so, and not `AccessDeniedException`. */
const SHORT_CODES = new Set(['s3', 'sts', 'sqs', 'iam']);
/** Services of the JSON protocols answer a refusal with 400, the others with 403. */
const JSON_SERVICES = new Set(['dynamodb', 'kms', 'secretsmanager', 'states', 'codebuild', 'events', 'logs']);

/** Decides by the policies of the stack's template, and by nothing else. */
export const makeAuthorizer = (stack: LocalStack): Authorizer => {
  const policies = policiesOf(stack);
  return {
    demand: (caller, need) => {
      const principal = withFullName(caller);
      const decision = decide(
        { principal, need, context: contextOf(principal, need, stack), account: stack.account },
        {
          identity: principal.kind === 'role' ? policies.ofRole(principal.roleArn) : [],
          ...(principal.kind === 'role' &&
            principal.sessionPolicy !== undefined && {
              session: parsePolicy(JSON.parse(principal.sessionPolicy), 'The policy of the session'),
            }),
          resource: isPassed(need) ? [] : policies.ofResource(need.resource),
          resourceMode: mustAgree(need) ? 'must_agree' : 'may_add',
        },
      );
      if (decision.kind === 'refused') throw refusal(principal, need, decision.reason);
    },
  };
};

/** Short name of who calls: the role's, or the service's. */
export const principalName = (principal: Principal): string =>
  principal.kind === 'role' ? principal.roleArn.slice(principal.roleArn.lastIndexOf('/') + 1) : principal.service;

const serviceOf = ({ action }: Need): string => action.split(':')[0] ?? '';

/** A role's trust policy says who may assume it, not who may pass it on. */
const isPassed = ({ action }: Need): boolean => action === 'iam:PassRole';

const mustAgree = (need: Need): boolean => ['kms', 'sts'].includes(serviceOf(need));

const withFullName = (principal: Principal): Principal =>
  principal.kind === 'service' && !principal.service.includes('.')
    ? { ...principal, service: `${principal.service}.amazonaws.com` }
    : principal;

const refusal = (principal: Principal, need: Need, reason: string): AwsError => {
  const service = serviceOf(need);
  const who = principal.kind === 'role' ? principal.roleArn : `${principal.service} for ${principal.sourceArn}`;
  return new AwsError(
    SHORT_CODES.has(service) ? 'AccessDenied' : 'AccessDeniedException',
    `User: ${who} is not authorized to perform: ${need.action} on resource: ${need.resource} ${reason}`,
    JSON_SERVICES.has(service) ? 400 : 403,
  );
};

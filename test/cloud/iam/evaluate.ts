import type { Need, Principal } from '../contract.ts';
import { conditionHolds } from './conditions.ts';
import { matches, matchesAction, patternOf } from './patterns.ts';
import type { PolicyPrincipal, Statement } from './policy.ts';
import type { RequestContext } from './request-context.ts';

/** Policies that have a say in one call. */
export interface Policies {
  /** Of the role that calls; empty for a service. */
  readonly identity: readonly Statement[];
  /** Of a session that was narrowed. */
  readonly session?: readonly Statement[];
  readonly resource: readonly Statement[];
  /**
   * `must_agree`: of keys and of roles to be assumed, which nobody reaches whom they do not name, be it by naming the
   * account. Elsewhere the policy of the role is enough within one account.
   */
  readonly resourceMode: 'may_add' | 'must_agree';
}

export type Decision = { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly reason: string };

/**
 * The decision of IAM within one account: what is denied anywhere is refused; then the role's policies, narrowed by the
 * session's, or the resource's policy must allow.
 *
 * @throws Error where a statement that is about this action asks for a condition key that is not known here
 */
export const decide = (
  call: {
    readonly principal: Principal;
    readonly need: Need;
    readonly context: RequestContext;
    readonly account: string;
  },
  policies: Policies,
): Decision => {
  const { principal, need, context } = call;
  const applies = (statement: Statement): boolean => statementApplies(statement, need, context);
  const says = (statements: readonly Statement[], effect: Statement['effect']): readonly Statement[] =>
    statements.filter((statement) => applies(statement) && statement.effect === effect);
  const byName = (whom: (found: PolicyPrincipal) => boolean) => (statement: Statement) =>
    statement.principals?.some(whom) ?? false;
  const names = byName((found) => namesCaller(found, principal));
  const namesAccount = byName((found) => principal.kind === 'role' && isAccount(found, call.account));

  const ofResource = policies.resource.filter((statement) => names(statement) || namesAccount(statement));
  for (const [whose, statements] of [
    ['an identity-based policy', policies.identity],
    ['a session policy', policies.session ?? []],
    ['a resource-based policy', ofResource],
  ] as const) {
    if (says(statements, 'Deny').length > 0) return refused(`with an explicit deny in ${whose}`);
  }

  const resourceAllows = says(ofResource, 'Allow');
  const isInSession = policies.session === undefined || says(policies.session, 'Allow').length > 0;
  if (!isInSession) return refused(`because no session policy allows the ${need.action} action`);
  if (resourceAllows.some(names)) return { kind: 'allowed' };
  if (policies.resourceMode === 'must_agree' && resourceAllows.length === 0) {
    return refused(`because no resource-based policy allows the ${need.action} action`);
  }
  if (says(policies.identity, 'Allow').length > 0) return { kind: 'allowed' };
  const kind = principal.kind === 'role' ? 'identity-based' : 'resource-based';
  return refused(`because no ${kind} policy allows the ${need.action} action`);
};

const refused = (reason: string): Decision => ({ kind: 'refused', reason });

const statementApplies = (statement: Statement, need: Need, context: RequestContext): boolean =>
  statement.actions.some((action) => matchesAction(action, need.action)) &&
  (statement.resources === undefined || statement.resources.some((resource) => covers(resource, need, context))) &&
  statement.conditions.every((condition) => conditionHolds(condition, context));

const covers = (resource: string, need: Need, context: RequestContext): boolean => {
  const pattern = patternOf(resource, context);
  return pattern !== undefined && matches(pattern, need.resource);
};

const namesCaller = (found: PolicyPrincipal, principal: Principal): boolean => {
  if (principal.kind === 'service') {
    return found.kind === 'service' ? found.value === principal.service : found.value === '*';
  }
  return found.kind === 'aws' && (found.value === '*' || found.value === principal.roleArn);
};

const isAccount = ({ kind, value }: PolicyPrincipal, account: string): boolean =>
  kind === 'aws' && (value === account || value === `arn:aws:iam::${account}:root`);

import type { Authorizer, LocalStack } from './contract.ts';

/** A role with all rights in the account, for whoever sets up or looks into a deployment: none of the template's. */
export const administratorOf = ({ account }: Pick<LocalStack, 'account'>): string =>
  `arn:aws:iam::${account}:role/Administrator`;

/** Everybody else is under the template's policies. */
export const withAdministrator = (stack: Pick<LocalStack, 'account'>, authorizer: Authorizer): Authorizer => ({
  demand: (principal, need) => {
    if (principal.kind === 'role' && principal.roleArn === administratorOf(stack)) return;
    authorizer.demand(principal, need);
  },
});

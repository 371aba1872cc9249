import { TenonError } from '../core/errors.ts';
import { MAX_POLICIES } from '../core/limits.ts';
import type { Policy } from '../ports/policy-store.ts';
import type { Dependencies } from './dependencies.ts';

export type { Policy } from '../ports/policy-store.ts';

type Needs = Pick<Dependencies, 'clock' | 'policies'>;

/**
 * Puts a policy in the place of one of the same name: each turn that begins from then on goes by it.
 * @throws TenonError `quota.exceeded` where there are too many
 */
export const putPolicy = async (
  { clock, policies }: Needs,
  policy: Omit<Policy, 'updatedAt'>,
): Promise<{ readonly policy: Policy; readonly isNew: boolean }> => {
  const known = await policies.list();
  const isNew = !known.some(({ name }) => name === policy.name);
  if (isNew && known.length >= MAX_POLICIES) {
    throw new TenonError('quota.exceeded', `There are ${MAX_POLICIES} policies, and no more fit: remove one first.`);
  }
  const put = { ...policy, updatedAt: clock.now() };
  await policies.put(put);
  return { policy: put, isNew };
};

/** @throws TenonError `policy.not_found` */
export const readPolicy = async ({ policies }: Pick<Needs, 'policies'>, name: string): Promise<Policy> => {
  const policy = (await policies.list()).find((one) => one.name === name);
  if (policy === undefined) throw policyNotFound();
  return policy;
};

/** What waits for an approval by it goes on waiting for that. @throws TenonError `policy.not_found` */
export const deletePolicy = async ({ policies }: Pick<Needs, 'policies'>, name: string): Promise<void> => {
  if (!(await policies.remove(name))) throw policyNotFound();
};

const policyNotFound = (): TenonError => new TenonError('policy.not_found', 'There is no policy with this name.');

import { TenonError } from '../core/errors.ts';
import { MAX_BUFFERED_EVENTS } from '../core/limits.ts';
import type { Tenant } from '../ports/tenant-store.ts';

/**
 * Refusals that several use cases give, in fixed words: the answer for another's thing and for a thing that does not
 * exist must be the same text, so none of them repeats what was asked for.
 */
export const tenantNotFound = (): TenonError => new TenonError('tenant.not_found', 'There is no such tenant.');
export const keyNotFound = (): TenonError => new TenonError('key.not_found', 'The tenant has no key with this id.');
export const envNotFound = (): TenonError =>
  new TenonError('env.not_found', 'The tenant has no variable with this name.');
export const bundleNotFound = (): TenonError =>
  new TenonError('bundle.not_found', 'The tenant has no bundle with this id.');
export const versionNotFound = (): TenonError =>
  new TenonError('version.not_found', 'The tenant has no version with this name.');
export const workflowNotFound = (): TenonError =>
  new TenonError('workflow.not_found', "The tenant's active version exports no workflow with this name.");
export const tenantSuspended = ({ suspension }: Pick<Tenant, 'suspension'>): TenonError => {
  const why = suspension === undefined ? '' : ` ${suspension.reason}`;
  return new TenonError('tenant.suspended', `The tenant is suspended: nothing runs until the operator lifts it.${why}`);
};
export const deferredNotFound = (): TenonError =>
  new TenonError('deferred.not_found', 'There is no deferred result with this token.');
export const deferredSettled = (why: string): TenonError =>
  new TenonError('deferred.settled', `The deferred result takes no outcome any more. ${why}`);
export const inboxFull = (): TenonError =>
  new TenonError(
    'quota.exceeded',
    `The instance holds ${MAX_BUFFERED_EVENTS} things that it has not come to yet: no more fit.`,
    { retryAfterS: 60 },
  );
export const instanceNotFound = (): TenonError =>
  new TenonError('instance.not_found', 'The workflow has no instance with this id.');

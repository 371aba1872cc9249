import type { Dependencies } from './dependencies.ts';
import { envNotFound } from './refusals.ts';

/** @throws TenonError `env.not_found` */
export const deleteEnv = async (
  deps: Pick<Dependencies, 'tenants'>,
  params: { readonly tenant: string; readonly name: string },
): Promise<void> => {
  if (!(await deps.tenants.removeEnv(params.tenant, params.name))) throw envNotFound();
};

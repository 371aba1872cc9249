import type { Dependencies } from './dependencies.ts';

/** A secret has no `value`. */
export interface EnvView {
  readonly name: string;
  readonly isSecret: boolean;
  readonly value?: string;
}

/** By name. */
export const listEnv = async (
  deps: Pick<Dependencies, 'tenants'>,
  params: { readonly tenant: string },
): Promise<readonly EnvView[]> => {
  const entries = await deps.tenants.listEnv(params.tenant);
  return entries
    .map(({ name, value, isSecret }) => (isSecret ? { name, isSecret } : { name, isSecret, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

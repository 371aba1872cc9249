import type { Version } from '../../../client/operations.ts';
import { type Resource, useResource } from '../../api/use-resource.ts';
import { currentSession } from '../../session.ts';

/** The newest two hundred, which is what a person chooses from. */
export const useVersions = (tenant: string): Resource<readonly Version[]> => {
  const { client } = currentSession();
  return useResource(
    async () =>
      (await client.call('GET /v1/tenants/{tenant}/versions', { path: { tenant }, query: { limit: 200 } })).versions,
    [tenant],
  );
};

import type { Check } from '../../../client/operations.ts';
import { useResource } from '../../api/use-resource.ts';
import { currentSession } from '../../session.ts';

/** A check goes on in the background, page by page: its answer has no long poll. */
const LOOK_EVERY_MS = 500;

interface RunningCheck {
  readonly check: Check | undefined;
  readonly error: unknown;
  /** Starts another one. */
  again(): void;
}

/** Replays the tenant's unfinished instances against the version, which changes nothing, and follows how far that has come. */
export const useCheck = (tenant: string, version: string): RunningCheck => {
  const { client } = currentSession();
  const path = { tenant, version };
  const started = useResource(
    async () => (await client.call('POST /v1/tenants/{tenant}/versions/{version}/checks', { path })).check.id,
    [tenant, version],
  );
  const id = started.value;
  const look = useResource(
    async () =>
      id === undefined
        ? undefined
        : client.call('GET /v1/tenants/{tenant}/versions/{version}/checks/{id}', { path: { ...path, id } }),
    [tenant, version, id],
    { everyMs: LOOK_EVERY_MS, until: (check) => check !== undefined && check.status !== 'running' },
  );
  return { check: look.value, error: started.error ?? look.error, again: started.reload };
};

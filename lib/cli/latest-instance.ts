import type { ShownInstance } from './api-types.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './exit-codes.ts';

/** `latest` means the newest instance of the workflow. */
export const resolveInstanceId = async (connection: Connection, workflow: string, id: string): Promise<string> => {
  if (id !== 'latest') return id;
  const page = await connection.client.call<{ readonly instances: readonly ShownInstance[] }>(
    'GET',
    `${connection.workflowPath(workflow)}/instances`,
    { query: { limit: 1 } },
  );
  const newest = page.instances[0];
  if (newest === undefined)
    throw new UsageError(`${workflow} has no instances yet: "tenon trigger ${workflow}" starts one`);
  return newest.id;
};

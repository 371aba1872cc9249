import { RefusedError } from '../../client/http-client.ts';
import type { ShownInstance } from '../api-types.ts';
import type { Connection } from '../connection.ts';
import type { Listed } from './choose-instances.ts';
import type { SteadyClient } from './steady-client.ts';

/** Of each list: more than are followed at once. */
const PER_LIST = 20;
const MAX_WORKFLOWS = 20;
/** Messages of `env.QUEUE` are its instances. */
const QUEUE = '$queue';

export interface Lists {
  readonly listed: readonly Listed[];
  readonly workflowsLeftOut: number;
}

interface Reader {
  readonly client: SteadyClient;
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

/** The newest instances of one workflow, or of all that any version has, and those further back that are at work or wait. */
export const listInstances = async (reader: Reader, workflow: string | undefined): Promise<Lists> => {
  const names = workflow === undefined ? await workflowsOf(reader) : [workflow];
  const lists = await Promise.all(names.slice(0, MAX_WORKFLOWS).map((name) => instancesOf(reader, name)));
  return { listed: lists.flat(), workflowsLeftOut: Math.max(0, names.length - MAX_WORKFLOWS) };
};

const workflowsOf = async ({ client, connection, signal }: Reader): Promise<readonly string[]> => {
  const { versions } = await client.get<{
    readonly versions: readonly { readonly workflows: readonly { readonly name: string }[] }[];
  }>(`${connection.tenantPath()}/versions`, { signal });
  const names = versions.flatMap(({ workflows }) => workflows.map(({ name }) => name));
  return [...new Set([...names, QUEUE])];
};

interface Page {
  readonly instances: readonly ShownInstance[];
  readonly cursor?: string;
}

const instancesOf = async ({ client, connection, signal }: Reader, workflow: string): Promise<readonly Listed[]> => {
  const path = `${connection.workflowPath(workflow)}/instances`;
  const read = async (status?: string): Promise<Page> => {
    try {
      return await client.get<Page>(path, { query: { limit: PER_LIST, status }, signal });
    } catch (error) {
      // It has no instance yet, and none is made before it is deployed.
      if (error instanceof RefusedError && error.problem.code === 'workflow.not_found') return { instances: [] };
      throw error;
    }
  };
  const newest = await read();
  const older = newest.cursor === undefined ? [] : await Promise.all(['running', 'waiting'].map(read));
  const byId = new Map([newest, ...older].flatMap(({ instances }) => instances).map((one) => [one.id, one]));
  return [...byId.values()].map(({ id, status, version, createdAt }) => ({ workflow, id, status, version, createdAt }));
};

import { RefusedError } from '../../client/http-client.ts';
import type { Connection } from '../connection.ts';
import { showTail } from '../tail/show-tail.ts';
import type { Terminal } from '../terminal.ts';
import { deployOnSave } from './deploy-on-save.ts';

/** Deploys a file or folder with each save, and follows what its newest version does, until `signal`. */
export const watchTenant = async (
  params: {
    readonly path: string;
    readonly place: string;
    readonly connection: Connection;
    readonly terminal: Terminal;
  },
  signal: AbortSignal,
): Promise<void> => {
  const { connection, terminal } = params;
  let newest: string | undefined;
  const onVersion = (version: string): void => {
    newest = version;
  };
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    await Promise.all([
      showTail({ connection, terminal, wants: ({ version }) => version === newest }, either),
      deployOnSave({ ...params, onVersion }, either),
    ]);
  } finally {
    // Where one of them cannot go on, the other does not either.
    ended.abort();
  }
};

/** On a server of one's own the tenant is there at once. */
export const makeTenant = async ({ client }: Connection, id: string): Promise<void> => {
  try {
    await client.call('POST', '/v1/tenants', { json: { id } });
  } catch (error) {
    if (!(error instanceof RefusedError && error.problem.code === 'tenant.already_exists')) throw error;
  }
};

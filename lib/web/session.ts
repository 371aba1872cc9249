import { signal } from '@preact/signals';
import { RefusedError } from '../client/http-client.ts';
import { TenonClient } from '../client/tenon-client.ts';

/** A key that the server has taken. It is kept in this variable and nowhere else: a reload forgets it. */
export interface Session {
  readonly client: TenonClient;
  readonly key: string;
  /** Of a tenant's key; absent: the operator's. */
  readonly tenant: string | undefined;
}

export const session = signal<Session | undefined>(undefined);

export type SignedIn = 'done' | 'needs_tenant';

/**
 * @param tenant whose key it is; may be left out until the answer is `needs_tenant`: the key is a tenant's
 * @throws RefusedError, UnreachableError
 */
export const signIn = async (key: string, tenant: string): Promise<SignedIn> => {
  const client = new TenonClient(location.origin, key);
  if (tenant === '') {
    try {
      await client.call('GET /v1/tenants', { query: { limit: 1 } });
    } catch (error) {
      if (error instanceof RefusedError && error.problem.code === 'auth.forbidden') return 'needs_tenant';
      throw error;
    }
    session.value = { client, key, tenant: undefined };
  } else {
    await client.call('GET /v1/tenants/{tenant}', { path: { tenant } });
    session.value = { client, key, tenant };
  }
  return 'done';
};

export const signOut = (): void => {
  session.value = undefined;
};

/** The session of what is only shown to those who have one. */
export const currentSession = (): Session => {
  if (session.value === undefined) throw new Error('nobody is signed in');
  return session.value;
};

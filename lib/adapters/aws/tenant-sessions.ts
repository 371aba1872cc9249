import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';

/** Credentials that reach what is of one tenant, and for how long. */
export interface TenantSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** A role that assumes another one may do so for an hour at most. */
const SESSION_MS = HOUR_MS;
/** A turn that begins with a session lasts up to a quarter of an hour. */
const LEFT_FOR_A_TURN_MS = 16 * MINUTE_MS;
const MAX_SESSIONS = 5_000;

/**
 * Sessions of the tenant role, one a tenant, tagged with it: the role's own policy names the tag. Each serves calls for
 * three quarters of an hour.
 */
export class TenantSessions {
  readonly #params: {
    readonly client: STSClient;
    readonly roleArn: string;
    /** Name of the tag that says whose session it is. */
    readonly tag: string;
    readonly clock: Clock;
  };
  readonly #sessions = new Map<string, Promise<TenantSession>>();

  constructor(params: {
    readonly client: STSClient;
    readonly roleArn: string;
    readonly tag: string;
    readonly clock: Clock;
  }) {
    this.#params = params;
  }

  async of(tenant: string): Promise<TenantSession> {
    const kept = this.#sessions.get(tenant);
    if (kept !== undefined) {
      const session = await kept;
      if (session.expiresAt - this.#params.clock.now() > LEFT_FOR_A_TURN_MS) return session;
      if (this.#sessions.get(tenant) !== kept) return this.of(tenant);
    }
    const session = this.#assume(tenant);
    if (this.#sessions.size >= MAX_SESSIONS) this.#sessions.clear();
    this.#sessions.set(tenant, session);
    session.catch(() => this.#sessions.delete(tenant));
    return session;
  }

  async #assume(tenant: string): Promise<TenantSession> {
    const { client, roleArn, tag } = this.#params;
    const { Credentials: credentials } = await client.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        // At least two characters; a tenant's name may have one.
        RoleSessionName: tenant.padEnd(2, '_'),
        Tags: [{ Key: tag, Value: tenant }],
        DurationSeconds: SESSION_MS / SECOND_MS,
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new Error('STS gave no credentials.');
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiresAt: Expiration?.getTime() ?? this.#params.clock.now() + SESSION_MS,
    };
  }
}

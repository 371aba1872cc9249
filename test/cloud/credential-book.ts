import { randomBytes } from 'node:crypto';
import type { Credentials, Principal } from './contract.ts';
import type { AccessKey } from './signature/sigv4.ts';

/** An access key and whose it is. */
export interface KnownKey extends AccessKey {
  readonly principal: Principal;
}

/** Every access key of the cloud: one for each role, and one for each session that somebody opened. */
export class CredentialBook {
  readonly #keys = new Map<string, KnownKey>();
  readonly #ofRoles = new Map<string, Credentials>();

  /** As a function of that role finds them in its environment; they do not expire. */
  credentialsFor(roleArn: string): Credentials {
    const known = this.#ofRoles.get(roleArn);
    if (known !== undefined) return known;
    const made = this.#make({ kind: 'role', roleArn, tags: {} });
    this.#ofRoles.set(roleArn, made);
    return made;
  }

  /** @param params.expiresAt epoch ms */
  openSession(params: {
    readonly roleArn: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly sessionPolicy?: string;
    readonly expiresAt: number;
  }): Credentials {
    const { expiresAt, ...principal } = params;
    return this.#make({ kind: 'role', ...principal }, expiresAt);
  }

  find(accessKeyId: string): KnownKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  #make(principal: Principal, expiresAt?: number): Credentials {
    const credentials: Credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(48).toString('base64'),
    };
    const { secretAccessKey, sessionToken } = credentials;
    this.#keys.set(credentials.accessKeyId, {
      secretAccessKey,
      sessionToken,
      principal,
      ...(expiresAt !== undefined && { expiresAt }),
    });
    return credentials;
  }
}

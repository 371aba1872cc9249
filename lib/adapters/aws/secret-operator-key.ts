import { hash } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MINUTE_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';

/** So long a new value of the secret may take to be known everywhere. */
const KEEP_MS = MINUTE_MS;

/** The operator's key out of its secret, as the hash that callers' keys are held against. */
export class SecretOperatorKey {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #clock: Clock;
  #kept: { readonly hash: string; readonly until: number } | undefined;

  constructor(params: { readonly client: SecretsManagerClient; readonly secretId: string; readonly clock: Clock }) {
    this.#client = params.client;
    this.#secretId = params.secretId;
    this.#clock = params.clock;
  }

  /** SHA-256, lower-case hex. */
  async hash(): Promise<string> {
    const now = this.#clock.now();
    if (this.#kept !== undefined && now < this.#kept.until) return this.#kept.hash;
    const { SecretString: key } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.#secretId }));
    if (key === undefined || key === '') throw new Error('The operator key is empty.');
    this.#kept = { hash: hash('sha256', key), until: now + KEEP_MS };
    return this.#kept.hash;
  }
}

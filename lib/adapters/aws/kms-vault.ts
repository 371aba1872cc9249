import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { MINUTE_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Vault } from '../../ports/vault.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Says how a text was sealed, so that another way can come beside it. */
const FORM = 'k1.';

/** An opened data key is used for this long: each turn of a tenant opens all its secrets. */
const KEEP_KEY_MS = 5 * MINUTE_MS;
const MAX_KEYS = 1_000;

/**
 * AES-256-GCM under a data key of each text's own, which KMS seals for the context. So a text may be longer than the 4 KB
 * that KMS takes, and KMS itself refuses to open one tenant's for another: the tenant is in its encryption context, which
 * policies can name.
 */
export class KmsVault implements Vault {
  readonly #client: KMSClient;
  readonly #keyId: string;
  readonly #clock: Clock;
  readonly #keys = new Map<string, { readonly key: Uint8Array; readonly until: number }>();

  constructor(params: { readonly client: KMSClient; readonly keyId: string; readonly clock: Clock }) {
    this.#client = params.client;
    this.#keyId = params.keyId;
    this.#clock = params.clock;
  }

  async seal(text: string, context: string): Promise<string> {
    const key = randomBytes(KEY_BYTES);
    const { CiphertextBlob: sealedKey } = await this.#client.send(
      new EncryptCommand({ KeyId: this.#keyId, Plaintext: key, EncryptionContext: contextOf(context) }),
    );
    if (sealedKey === undefined) throw new Error('KMS sealed nothing.');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(sealedKey.length);
    return (
      FORM +
      Buffer.concat([
        length,
        sealedKey,
        nonce,
        cipher.update(text, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString('base64url')
    );
  }

  /** Rejects for a text that was altered, or sealed with another key or context. */
  async open(sealed: string, context: string): Promise<string> {
    const bytes = Buffer.from(sealed.startsWith(FORM) ? sealed.slice(FORM.length) : '', 'base64url');
    const keyEnd = bytes.length < 2 ? 0 : 2 + bytes.readUInt16BE(0);
    if (keyEnd === 0 || bytes.length < keyEnd + NONCE_BYTES + TAG_BYTES) {
      throw new Error('Not a text that this vault sealed.');
    }
    const key = await this.#openKey(bytes.subarray(2, keyEnd), context);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(keyEnd, keyEnd + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return (
      decipher.update(bytes.subarray(keyEnd + NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  }

  async #openKey(sealedKey: Uint8Array, context: string): Promise<Uint8Array> {
    const name = `${hash('sha256', sealedKey)} ${context}`;
    const kept = this.#keys.get(name);
    if (kept !== undefined && this.#clock.now() < kept.until) return kept.key;
    const { Plaintext: key } = await this.#client.send(
      new DecryptCommand({ KeyId: this.#keyId, CiphertextBlob: sealedKey, EncryptionContext: contextOf(context) }),
    );
    if (key === undefined) throw new Error('KMS opened nothing.');
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(name, { key, until: this.#clock.now() + KEEP_KEY_MS });
    return key;
  }
}

/** `<tenant>/<name>` as KMS and its policies see it. */
const contextOf = (context: string): Record<string, string> => {
  const at = context.indexOf('/');
  if (at < 1 || at === context.length - 1) throw new Error('A context names a tenant and an entry.');
  return { tenant: context.slice(0, at), name: context.slice(at + 1) };
};

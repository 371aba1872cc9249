import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Vault } from '../../ports/vault.ts';
import { readOrCreateKey } from './key-file.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Says how a text was sealed, so that another way can come beside it. */
const FORM = 'v1.';

/** AES-256-GCM under a key file of mode 0600; the context is authenticated beside the text. */
export class FileVault implements Vault {
  readonly #key: Buffer;

  /** Reads the key file, or makes it. Throws `DataFolderError`. */
  constructor(keyPath: string) {
    this.#key = readOrCreateKey(keyPath);
  }

  async seal(text: string, context: string): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return FORM + sealed.toString('base64url');
  }

  /** Rejects for a text that was altered, or sealed with another key or context. */
  async open(sealed: string, context: string): Promise<string> {
    const bytes = Buffer.from(sealed.startsWith(FORM) ? sealed.slice(FORM.length) : '', 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('Not a text that this vault sealed.');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

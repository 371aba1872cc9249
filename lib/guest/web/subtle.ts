import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { registerCloner } from './clone-registry.ts';
import { DOMException } from './dom-exception.ts';
import { gate } from './gate.ts';
import { bytesOf } from './utf8.ts';

type Source = ArrayBuffer | ArrayBufferView;
type AlgorithmParameter = string | { readonly name: string; readonly hash?: unknown; readonly length?: unknown };
type Usage = 'sign' | 'verify';

interface HmacAlgorithm {
  readonly name: 'HMAC';
  readonly hash: { readonly name: string };
  readonly length: number;
}

const hashes = new Map([
  ['SHA-1', sha1],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
]);

const refuse = (what: string, name = 'NotSupportedError'): never => {
  throw new DOMException(what, name);
};

const nameOf = (algorithm: unknown): string =>
  `${typeof algorithm === 'object' && algorithm !== null ? (algorithm as { name?: unknown }).name : algorithm}`.toUpperCase();

function findHash(algorithm: unknown) {
  const name = nameOf(algorithm);
  return {
    name,
    hash: hashes.get(name) ?? refuse(`The digest ${name} is not available; ${[...hashes.keys()].join(', ')} are.`),
  };
}

function requireHmac(algorithm: unknown): void {
  const name = nameOf(algorithm);
  if (name !== 'HMAC') refuse(`The algorithm ${name} is not available; HMAC and the SHA digests are.`);
}

let secretOf: (key: CryptoKey) => Uint8Array<ArrayBuffer>;
let makeKey: (
  secret: Uint8Array<ArrayBuffer>,
  algorithm: HmacAlgorithm,
  isExtractable: boolean,
  usages: Usage[],
) => CryptoKey;

export class CryptoKey {
  readonly type = 'secret';
  readonly extractable: boolean;
  readonly algorithm: HmacAlgorithm;
  readonly usages: readonly Usage[];
  readonly #secret: Uint8Array<ArrayBuffer>;

  static {
    secretOf = (key) => key.#secret;
    makeKey = (...parts) => new CryptoKey(...parts);
  }

  private constructor(
    secret: Uint8Array<ArrayBuffer>,
    algorithm: HmacAlgorithm,
    isExtractable: boolean,
    usages: Usage[],
  ) {
    this.#secret = secret;
    this.algorithm = algorithm;
    this.extractable = isExtractable;
    this.usages = usages;
  }

  get [Symbol.toStringTag](): string {
    return 'CryptoKey';
  }
}

registerCloner(CryptoKey.prototype, 'refused');

function checkedUsages(usages: Iterable<string>): Usage[] {
  const wanted = [...new Set(usages)];
  if (!wanted.every((usage) => usage === 'sign' || usage === 'verify')) {
    refuse('An HMAC key is used for "sign" and "verify" only.', 'SyntaxError');
  }
  if (wanted.length === 0) refuse('Usages cannot be empty when importing a key.', 'SyntaxError');
  return wanted as Usage[];
}

function checkedKey(key: CryptoKey, usage: Usage) {
  if (!(key instanceof CryptoKey)) throw new TypeError('The key is a CryptoKey.');
  if (!key.usages.includes(usage)) refuse(`The key may not be used to ${usage}.`, 'InvalidAccessError');
  return { hash: findHash(key.algorithm.hash).hash, secret: secretOf(key) };
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] as number);
  return difference === 0;
}

/** https://w3c.github.io/webcrypto/#subtlecrypto-interface: digests and HMAC; the rest is refused by name. */
export class SubtleCrypto {
  async digest(algorithm: AlgorithmParameter, data: Source): Promise<ArrayBuffer> {
    const { hash } = findHash(algorithm);
    return hash(bytesOf(data)).slice().buffer;
  }

  async importKey(
    format: string,
    keyData: Source,
    algorithm: AlgorithmParameter,
    extractable: boolean,
    usages: Iterable<string>,
  ): Promise<CryptoKey> {
    requireHmac(algorithm);
    if (format !== 'raw') refuse(`The key format "${format}" is not available; "raw" is.`);
    const secret = bytesOf(keyData).slice();
    if (secret.length === 0) refuse('Zero-length key is not supported', 'DataError');
    return makeKey(secret, hmacAlgorithm(algorithm, secret.length * 8), Boolean(extractable), checkedUsages(usages));
  }

  async generateKey(algorithm: AlgorithmParameter, extractable: boolean, usages: Iterable<string>): Promise<CryptoKey> {
    requireHmac(algorithm);
    const length =
      typeof algorithm === 'object' && algorithm.length !== undefined ? Number(algorithm.length) : undefined;
    const blockBytes = findHash((algorithm as { hash?: unknown }).hash).hash.blockLen;
    if (length !== undefined && !(length > 0 && length % 8 === 0 && length <= 65_536)) {
      refuse('The length of an HMAC key is in whole bytes, up to 65536 bits.', 'OperationError');
    }
    const secret = gate()
      .random(length === undefined ? blockBytes : length / 8)
      .slice();
    return makeKey(secret, hmacAlgorithm(algorithm, secret.length * 8), Boolean(extractable), checkedUsages(usages));
  }

  async exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer> {
    if (format !== 'raw') refuse(`The key format "${format}" is not available; "raw" is.`);
    if (!key.extractable) refuse('The key is not extractable.', 'InvalidAccessError');
    return secretOf(key).slice().buffer;
  }

  async sign(algorithm: AlgorithmParameter, key: CryptoKey, data: Source): Promise<ArrayBuffer> {
    requireHmac(algorithm);
    const { hash, secret } = checkedKey(key, 'sign');
    return hmac(hash, secret, bytesOf(data)).slice().buffer;
  }

  async verify(algorithm: AlgorithmParameter, key: CryptoKey, signature: Source, data: Source): Promise<boolean> {
    requireHmac(algorithm);
    const { hash, secret } = checkedKey(key, 'verify');
    return equal(hmac(hash, secret, bytesOf(data)), bytesOf(signature));
  }

  async encrypt(algorithm: AlgorithmParameter): Promise<never> {
    return refuseOperation('encrypt', algorithm);
  }

  async decrypt(algorithm: AlgorithmParameter): Promise<never> {
    return refuseOperation('decrypt', algorithm);
  }

  async deriveBits(algorithm: AlgorithmParameter): Promise<never> {
    return refuseOperation('deriveBits', algorithm);
  }

  async deriveKey(algorithm: AlgorithmParameter): Promise<never> {
    return refuseOperation('deriveKey', algorithm);
  }

  async wrapKey(format: string): Promise<never> {
    return refuseOperation('wrapKey', format);
  }

  async unwrapKey(format: string): Promise<never> {
    return refuseOperation('unwrapKey', format);
  }

  get [Symbol.toStringTag](): string {
    return 'SubtleCrypto';
  }
}

const hmacAlgorithm = (algorithm: AlgorithmParameter, length: number): HmacAlgorithm => ({
  name: 'HMAC',
  hash: { name: findHash((algorithm as { hash?: unknown }).hash).name },
  length,
});

const refuseOperation = (operation: string, algorithm: unknown): never =>
  refuse(`crypto.subtle.${operation} (${nameOf(algorithm)}) is not available; digest, and HMAC sign and verify, are.`);

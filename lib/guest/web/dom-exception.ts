import { registerCloner } from './clone-registry.ts';

const legacyCodes = [
  'IndexSizeError',
  '',
  'HierarchyRequestError',
  'WrongDocumentError',
  'InvalidCharacterError',
  '',
  'NoModificationAllowedError',
  'NotFoundError',
  'NotSupportedError',
  'InUseAttributeError',
  'InvalidStateError',
  'SyntaxError',
  'InvalidModificationError',
  'NamespaceError',
  'InvalidAccessError',
  '',
  'TypeMismatchError',
  'SecurityError',
  'NetworkError',
  'AbortError',
  'URLMismatchError',
  'QuotaExceededError',
  'TimeoutError',
  'InvalidNodeTypeError',
  'DataCloneError',
];

/** https://webidl.spec.whatwg.org/#idl-DOMException */
export class DOMException extends Error {
  readonly #name: string;

  constructor(message = '', nameOrOptions: string | { name?: string; cause?: unknown } = 'Error') {
    const options = typeof nameOrOptions === 'object' && nameOrOptions !== null ? nameOrOptions : undefined;
    super(`${message}`, options !== undefined && 'cause' in options ? { cause: options.cause } : undefined);
    this.#name = options === undefined ? `${nameOrOptions}` : `${options.name ?? 'Error'}`;
  }

  override get name(): string {
    return this.#name;
  }

  get code(): number {
    return this.#name === '' ? 0 : legacyCodes.indexOf(this.#name) + 1;
  }

  get [Symbol.toStringTag](): string {
    return 'DOMException';
  }
}

// INDEX_SIZE_ERR and the like, on the class and on its prototype.
for (const [index, name] of legacyCodes.entries()) {
  if (name === '') continue;
  const stem = name
    .replace(/Error$/, '')
    .replace('URLMismatch', 'UrlMismatch')
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase();
  const constant = { value: index + 1, enumerable: true };
  Object.defineProperty(DOMException, `${stem}_ERR`, constant);
  Object.defineProperty(DOMException.prototype, `${stem}_ERR`, constant);
}

registerCloner(DOMException.prototype, (value) => {
  const error = value as DOMException;
  const copy = new DOMException(error.message, error.name);
  Object.defineProperty(copy, 'stack', { value: error.stack, writable: true, configurable: true });
  return copy;
});

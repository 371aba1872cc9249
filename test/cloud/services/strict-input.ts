import { AwsError } from '../contract.ts';

/**
 * What a service reads of a call or of the template. A stand-in that passes over what it does not know would let a
 * function rely on something that nobody tried: so it refuses.
 */
export class Input {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #refuse: (message: string) => Error;

  /** @throws what `refuse` makes where a key is not among the known ones */
  constructor(values: unknown, known: readonly string[], refuse: (message: string) => Error) {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) throw refuse('It must be an object.');
    const unknown = Object.keys(values).filter((key) => !known.includes(key));
    if (unknown.length > 0) throw refuse(`The local cloud does not know: ${unknown.join(', ')}.`);
    this.#values = values as Readonly<Record<string, unknown>>;
    this.#refuse = refuse;
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  raw(key: string): unknown {
    return this.#values[key];
  }

  text(key: string): string {
    const value = this.#values[key];
    if (typeof value !== 'string') throw this.#refuse(`${key} must be a text.`);
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  /** A whole number within bounds; numbers in a template may be texts. */
  integer(key: string, { min, max, otherwise }: { min: number; max: number; otherwise?: number }): number {
    if (!this.has(key) && otherwise !== undefined) return otherwise;
    const number = Number(this.#values[key]);
    if (!Number.isInteger(number) || number < min || number > max) {
      throw this.#refuse(`${key} must be a whole number from ${min} to ${max}.`);
    }
    return number;
  }

  texts(key: string): readonly string[] {
    const value = this.#values[key] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.#refuse(`${key} must be a list of texts.`);
    }
    return value;
  }

  oneOf(key: string, allowed: readonly string[], otherwise?: string): string {
    const value = this.#values[key] ?? otherwise;
    if (typeof value !== 'string' || !allowed.includes(value)) {
      throw this.#refuse(`${key} must be one of: ${allowed.join(', ')}.`);
    }
    return value;
  }

  object(key: string, known: readonly string[]): Input {
    return new Input(this.#values[key], known, (message) => this.#refuse(`${key}: ${message}`));
  }
}

/** The body of a call in JSON. @throws AwsError of that code, 400 */
export const readJsonInput = (body: Uint8Array, known: readonly string[], code: string): Input => {
  const refuse = (message: string): Error => new AwsError(code, message);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString());
  } catch {
    throw refuse('The body is not JSON.');
  }
  return new Input(parsed, known, refuse);
};

/** Properties of a resource of the template. @throws Error at the start of the cloud, before anything relies on it */
export const readProperties = (
  resource: { readonly logicalId: string; readonly type: string; readonly properties: unknown },
  known: readonly string[],
): Input =>
  new Input(
    resource.properties ?? {},
    known,
    (message) => new Error(`${resource.type} ${resource.logicalId}: ${message}`),
  );

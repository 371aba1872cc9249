import { invalidField, TenonError } from '../core/errors.ts';
import { isEnvName } from '../core/names.ts';
import type { Dependencies } from './dependencies.ts';

/** Loaded with every turn, so kept small. */
export const MAX_ENV_ENTRIES = 128;
/** Bytes of UTF-8. */
export const MAX_ENV_VALUE_BYTES = 32_768;

/** Names under which `env` holds bindings: a variable of that name would hide one, now or after an upgrade. */
const BINDING_NAMES: ReadonlySet<string> = new Set([
  'WORKFLOWS',
  'STORAGE',
  'BUCKET',
  'CACHE',
  'QUEUE',
  'SANDBOX',
  'ARTIFACTS',
  'AI',
  'MCP',
]);

export interface PutEnvParams {
  readonly tenant: string;
  readonly name: string;
  readonly value: string;
  /** Sealed at rest and never shown again. */
  readonly isSecret: boolean;
}

/**
 * Sets one variable of the tenant's `env`.
 * @throws TenonError `request.invalid` (name, value), `quota.exceeded`
 */
export const putEnv = async (deps: Pick<Dependencies, 'tenants' | 'vault'>, params: PutEnvParams): Promise<void> => {
  const { tenant, name, value, isSecret } = params;
  if (!isEnvName(name)) {
    throw invalidField('NAME', 'A name has 1 to 64 letters, digits and underscores and does not start with a digit.');
  }
  if (BINDING_NAMES.has(name)) throw invalidField('NAME', `${name} is the name of a binding. Choose another name.`);
  if (Buffer.byteLength(value) > MAX_ENV_VALUE_BYTES) {
    throw invalidField('value', `A value has at most ${MAX_ENV_VALUE_BYTES} bytes of UTF-8.`);
  }
  const entries = await deps.tenants.listEnv(tenant);
  if (entries.length >= MAX_ENV_ENTRIES && !entries.some((entry) => entry.name === name)) {
    throw new TenonError('quota.exceeded', `A tenant has at most ${MAX_ENV_ENTRIES} variables. Delete one first.`);
  }
  const stored = isSecret ? await deps.vault.seal(value, `${tenant}/${name}`) : value;
  await deps.tenants.putEnv(tenant, { name, value: stored, isSecret });
};

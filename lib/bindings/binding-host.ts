import { showValue } from '../core/durations.ts';
import { TenonError } from '../core/errors.ts';
import type { BindingCaller, BindingHost } from '../ports/binding-host.ts';
import type { Tenant } from '../ports/tenant-store.ts';
import type { BindingDeclaration } from '../ports/turn-messages.ts';
import { BindingError } from './binding-error.ts';
import type { BindingDefinition } from './define-binding.ts';
import { decodeValue, encodeValue, MAX_ENCODED_CHARS } from './values.ts';

export interface FailedCall {
  readonly tenant: string;
  readonly binding: string;
  readonly method: string;
}

export interface BindingsOptions {
  /** Hears what the tenant may not: errors that are no refusals. */
  readonly onError?: (error: unknown, call: FailedCall) => void;
}

/**
 * The host side of `env`, made of definitions. Names, methods and arguments come from tenant code: only what a definition
 * lists is reached, and only errors that are meant for tenants come back with their message.
 */
export class Bindings implements BindingHost {
  readonly #definitions = new Map<string, BindingDefinition>();
  readonly #onError: (error: unknown, call: FailedCall) => void;

  /** @throws TypeError for two bindings of one name */
  constructor(definitions: readonly BindingDefinition[] = [], { onError = () => {} }: BindingsOptions = {}) {
    this.#onError = onError;
    for (const definition of definitions) this.add(definition);
  }

  /** For a binding that is made of what needs the others. @throws TypeError for a name that is taken */
  add(definition: BindingDefinition): void {
    const { name } = definition;
    if (this.#definitions.has(name)) throw new TypeError(`Two bindings have the name ${name}`);
    this.#definitions.set(name, definition);
  }

  /** Lets go of what the bindings hold, such as connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#definitions.values()].map((definition) => definition.close?.()));
  }

  async removeTenant(tenant: string): Promise<void> {
    await Promise.all([...this.#definitions.values()].map((definition) => definition.removeTenant?.(tenant)));
  }

  declare({ tenant }: { readonly tenant: Tenant }): readonly BindingDeclaration[] {
    return [...this.#definitions.values()]
      .filter(({ propsOf }) => propsOf(tenant) !== undefined)
      .map(({ name, type, methods }) => ({ name, type, methods }));
  }

  async call(
    caller: BindingCaller,
    { binding, method, args }: { readonly binding: string; readonly method: string; readonly args: string },
  ): Promise<string> {
    try {
      const call = this.#prepare(caller, binding, method);
      // An effect of an attempt that is over is refused, whatever its code still does.
      if (caller.signal.aborted) throw new BindingError('The call was refused: its attempt has ended');
      const decoded = decodeArguments(args);
      const result = encodeValue(await call(decoded));
      if (result.length > MAX_ENCODED_CHARS) {
        throw new BindingError(
          `The result of ${binding}.${method} is too large: more than ${MAX_ENCODED_CHARS} characters in encoded form`,
        );
      }
      return result;
    } catch (error) {
      if (error instanceof BindingError || error instanceof TenonError || error instanceof TypeError) throw error;
      this.#onError(error, { tenant: caller.tenant.id, binding, method });
      throw new BindingError('The binding failed');
    }
  }

  #prepare(caller: BindingCaller, binding: string, method: string): (args: readonly unknown[]) => unknown {
    const { tenant, signal } = caller;
    const definition = this.#definitions.get(binding);
    const props = definition?.propsOf(tenant);
    if (definition === undefined || props === undefined) {
      throw new BindingError(`There is no binding named ${showValue(binding)}`);
    }
    if (!definition.methods.includes(method)) {
      throw new BindingError(`The binding ${binding} has no method named ${showValue(method)}`);
    }
    return (args) => {
      const methods = definition.create({ tenant, props });
      const call = methods[method];
      if (call === undefined) throw new Error(`${binding} declares ${method} and does not have it`);
      return call.call(methods, args, { caller, signal });
    };
  }
}

const decodeArguments = (encoded: string): readonly unknown[] => {
  const args = decodeValue(encoded);
  if (!Array.isArray(args)) throw new TypeError('The arguments of a call are a list');
  return args;
};

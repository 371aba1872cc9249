import type { GuestEnv } from '../ports/turn-messages.ts';
import { makeSandbox } from './bindings/sandbox.ts';
import { makeWorkflows } from './bindings/workflows.ts';
import type { DeferOptions, Deferred } from './deferred.ts';

type Call = (binding: string, method: string, args: readonly unknown[]) => Promise<unknown>;

/** `this.env`: the tenant's variables and, for each declared binding, an object whose methods go through the gate. */
export const makeEnv = (env: GuestEnv, call: Call, defer: (options: DeferOptions) => Deferred): object => {
  const made: Record<string, unknown> = Object.assign(Object.create(null), env.variables);
  for (const { name, type, methods } of env.bindings) {
    if (type === 'workflows') {
      made[name] = makeWorkflows((method, args) => call(name, method, args));
    } else if (type === 'sandbox') {
      made[name] = makeSandbox((method, args) => call(name, method, args), defer);
    } else if (type !== 'fetch') {
      const proxy: Record<string, unknown> = {};
      for (const method of methods) proxy[method] = (...args: unknown[]) => call(name, method, args);
      made[name] = Object.freeze(proxy);
    }
  }
  return { ...made };
};

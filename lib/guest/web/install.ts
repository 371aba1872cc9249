import type { WebGate } from './gate.ts';
import { type GlobalName, globalNames, type ModuleName } from './global-names.ts';
import type { LoadedModules } from './lazy-modules.ts';

/** The bundler may put what is behind this call into a function of its own: see `bundlePrelude`. */
declare const require: (path: './lazy-modules.ts') => typeof import('./lazy-modules.ts');

const { defineProperty, getOwnPropertyDescriptor } = Object;

let loaded: LoadedModules | undefined;
/** What was put in place of an accessor when it was first read. */
const given = new Map<string, unknown>();

/** A plain global: writable, configurable, and not listed by `for in`, like those of the language. */
function settle(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

/**
 * Defines the globals of the WinterTC minimum common API on `target`, before tenant code. Each costs an accessor until it is
 * first read, and is a plain property from then on; assigning replaces it unread.
 */
export function installGlobals(target: object, gate: WebGate): void {
  settle(target, 'self', target);
  const load = (module: ModuleName, name: GlobalName): unknown => {
    loaded ??= require('./lazy-modules.ts').openModules(gate);
    const value = loaded.read(module, name);
    // The bundler may have changed the name of a class or function to keep it apart from another.
    if (typeof value === 'function') defineProperty(value, 'name', { value: name, configurable: true });
    settle(target, name, value);
    given.set(name, value);
    return value;
  };
  for (const module of Object.keys(globalNames) as ModuleName[]) {
    for (const name of globalNames[module]) {
      defineProperty(target, name, {
        configurable: true,
        enumerable: false,
        get: () => load(module, name),
        set: (value: unknown) => settle(target, name, value),
      });
    }
  }
}

/**
 * At the start of each turn in a context, before tenant code: what counts (the numbers of timers, the labels of the console)
 * begins anew, since a replay may find a fresh context where there was a kept one.
 */
export function beginTurn(): void {
  loaded?.beginTurn();
}

/** Whether every global of ours is still what it was, read or unread. */
export function areGlobalsOurs(target: object): boolean {
  for (const names of Object.values(globalNames)) {
    for (const name of names) {
      const descriptor = getOwnPropertyDescriptor(target, name);
      if (descriptor === undefined) return false;
      if (descriptor.get === undefined && (!given.has(name) || descriptor.value !== given.get(name))) return false;
    }
  }
  return true;
}

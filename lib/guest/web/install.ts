import { setGate, type WebGate } from './gate.ts';
import { lazyModules } from './lazy-modules.ts';

const { defineProperty } = Object;

/** A plain global: writable, configurable, and not listed by `for in`, like those of the language. */
function settle(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

/**
 * Defines the globals of the WinterTC minimum common API on `target`, before tenant code. Each costs an accessor until it is
 * first read, and is a plain property from then on; assigning replaces it unread.
 */
export function installGlobals(target: object, gate: WebGate): void {
  setGate(gate);
  settle(target, 'self', target);
  for (const { load, names } of lazyModules) {
    for (const name of names) {
      defineProperty(target, name, {
        configurable: true,
        enumerable: false,
        get() {
          const value = load()[name];
          // The bundler may have changed the name of a class or function to keep it apart from another.
          if (typeof value === 'function') defineProperty(value, 'name', { value: name, configurable: true });
          settle(target, name, value);
          return value;
        },
        set(value: unknown) {
          settle(target, name, value);
        },
      });
    }
  }
}

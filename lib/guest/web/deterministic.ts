import type { WebGate } from './gate.ts';

// Taken before tenant code, since what is made at first use runs after it.
const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { create } = Object;
const ObjectOf = Object;
const { get: getFrom, set: setIn } = WeakMap.prototype;
const NativeWeakMap = WeakMap;
const hidden = { writable: true, configurable: true, enumerable: false };

type TimeGate = Pick<WebGate, 'now' | 'randomFloat'>;

/**
 * Takes time and chance from the gate, so that a replay sees what the first time saw: `Date`, `Math.random`, and `Intl`
 * with the zone UTC and the same clock. Before tenant code: afterwards a native one could have been kept. The zone of
 * `Date` itself, and the locale, are those of the process, which is started with `TZ=UTC` and no locale.
 */
export function installDeterministicGlobals(target: object, gate: TimeGate): void {
  const globals = target as { Date: DateConstructor; Math: Math; Intl: typeof Intl };
  replaceDate(globals, gate);
  const { Intl: intl } = globals;
  const nativeFormat = getOwnPropertyDescriptor(intl, 'DateTimeFormat')?.value as typeof Intl.DateTimeFormat;
  let format: unknown;
  // Made when it is first asked for: most tenants format no date. It stays an accessor, so that reading changes nothing.
  defineProperty(intl, 'DateTimeFormat', {
    configurable: true,
    enumerable: false,
    get: () => {
      format ??= replaceDateTimeFormat(nativeFormat, gate);
      return format;
    },
    set: (value: unknown) => defineProperty(intl, 'DateTimeFormat', { value, ...hidden }),
  });
  const { random } = {
    random(): number {
      return gate.randomFloat();
    },
  };
  defineProperty(globals.Math, 'random', { value: random, ...hidden });
}

function replaceDate(globals: { Date: DateConstructor }, gate: TimeGate): void {
  const Native = globals.Date;
  const { prototype } = Native;
  const toText = prototype.toString;
  const Guarded = function GuardedDate(...parts: unknown[]): unknown {
    if (new.target === undefined) return apply(toText, new Native(gate.now()), []);
    return construct(Native, parts.length === 0 ? [gate.now()] : parts, new.target);
  };
  const { now } = {
    now(): number {
      return gate.now();
    },
  };
  defineProperty(Guarded, 'name', { value: 'Date', configurable: true });
  defineProperty(Guarded, 'length', { value: 7, configurable: true });
  defineProperty(Guarded, 'prototype', { value: prototype, writable: false });
  defineProperty(Guarded, 'now', { value: now, ...hidden });
  defineProperty(Guarded, 'parse', { value: Native.parse, ...hidden });
  defineProperty(Guarded, 'UTC', { value: Native.UTC, ...hidden });
  defineProperty(prototype, 'constructor', { value: Guarded, ...hidden });
  defineProperty(globals, 'Date', { value: Guarded, ...hidden });
}

function replaceDateTimeFormat(Native: typeof Intl.DateTimeFormat, gate: TimeGate): unknown {
  const { prototype } = Native;
  const withZone = (options: unknown): unknown => {
    if (options === undefined) return { timeZone: 'UTC' };
    const given = ObjectOf(options);
    return given.timeZone === undefined ? create(given, { timeZone: { value: 'UTC', enumerable: true } }) : given;
  };
  const Guarded = function GuardedFormat(locales?: unknown, options?: unknown): object {
    return construct(Native, [locales, options === null ? null : withZone(options)], new.target ?? Guarded);
  };
  defineProperty(Guarded, 'name', { value: 'DateTimeFormat', configurable: true });
  defineProperty(Guarded, 'length', { value: 0, configurable: true });
  defineProperty(Guarded, 'prototype', { value: prototype, writable: false });
  defineProperty(Guarded, 'supportedLocalesOf', { value: Native.supportedLocalesOf, ...hidden });
  defineProperty(prototype, 'constructor', { value: Guarded, ...hidden });
  fillInNow(prototype, gate);
  return Guarded;
}

/** `format` and `formatToParts` without a date mean now. */
function fillInNow(prototype: Intl.DateTimeFormat, gate: TimeGate): void {
  const getFormat = getOwnPropertyDescriptor(prototype, 'format')?.get as () => (date: unknown) => string;
  const formats = new NativeWeakMap<object, (date: unknown) => string>();
  defineProperty(prototype, 'format', {
    configurable: true,
    enumerable: false,
    get(this: Intl.DateTimeFormat) {
      const native = apply(getFormat, this, []);
      // The same function at every read, as the native getter gives.
      const known = apply(getFrom, formats, [this]);
      if (known !== undefined) return known;
      const format = (date?: unknown): string => native(date === undefined ? gate.now() : date);
      defineProperty(format, 'name', { value: '', configurable: true });
      apply(setIn, formats, [this, format]);
      return format;
    },
  });
  const nativeParts = prototype.formatToParts;
  const { formatToParts } = {
    formatToParts(this: Intl.DateTimeFormat, date?: unknown): unknown {
      return apply(nativeParts, this, [date === undefined ? gate.now() : date]);
    },
  };
  defineProperty(prototype, 'formatToParts', { value: formatToParts, ...hidden });
}

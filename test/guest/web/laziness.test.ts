import { describe, expect, it } from 'vitest';
import { globalNames } from '../../../lib/guest/web/global-names.ts';
import { bundlePrelude, useIsolate } from './isolate.ts';

const { ask, run } = useIsolate();

const names = Object.values(globalNames).flat() as string[];

describe('the globals', () => {
  it('are those of the list and no others', async () => {
    const standard = JSON.parse(
      (await ask('bare', 'Promise.resolve(JSON.stringify(Object.getOwnPropertyNames(globalThis)))')) as string,
    ) as string[];
    const found = (await run(() => Object.getOwnPropertyNames(globalThis))) as string[];
    const removed = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'];
    const expected = new Set([
      ...standard.filter((name) => !removed.includes(name)),
      ...names,
      'self',
      '$tools',
      '$bench',
    ]);
    expect(found.sort()).toEqual([...expected].sort());
  });

  it('are not evaluated before they are read, and then are plain properties', async () => {
    const seen = (await run(() => {
      const kind = (name: string) => {
        const { get, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
        return [typeof get, writable, enumerable, configurable];
      };
      const before = [kind('URL'), kind('fetch'), kind('console')];
      const first = URL;
      return [before, kind('URL'), kind('fetch'), first === URL, Reflect.get(globalThis, 'self') === globalThis];
    })) as unknown[];
    const lazy = ['function', null, false, true];
    expect(seen).toEqual([[lazy, lazy, lazy], ['undefined', true, false, true], lazy, true, true]);
  });

  it('are replaced by assignment without being evaluated', async () => {
    const seen = await run(() => {
      const mine = () => 'mine';
      Object.assign(globalThis, { fetch: mine });
      const { writable } = Object.getOwnPropertyDescriptor(globalThis, 'fetch') ?? {};
      return [(fetch as unknown) === mine, writable];
    });
    expect(seen).toEqual([true, true]);
  });

  it('all load, and bear their own names', async () => {
    const code = `() => ${JSON.stringify(names)}.map((name) => { const value = globalThis[name]; return typeof value === 'function' ? value.name : typeof value; })`;
    const objects = ['console', 'crypto', 'performance'];
    expect(await run(code)).toEqual(names.map((name) => (objects.includes(name) ? 'object' : name)));
  });

  it('fit into 300 KB with everything that they stand on', async () => {
    expect((await bundlePrelude()).length).toBeLessThan(300_000);
  });
});

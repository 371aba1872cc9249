import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bench } from './isolate-prelude.ts';
import { type Tools, tools } from './snippet-tools.ts';

/** Text where a value must be written into the code. */
type Snippet = ((tools: Tools, bench: Bench) => unknown) | string;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const webModules = './lazy-modules.ts';

/**
 * The prelude as the isolate gets it: one script, with each lazily required module in a closure. All of these stand in one
 * function: a context that uses no web global does not even make the closures, which would take half of the time. Strict, so
 * that no `caller` leads from a tenant's callback to a function of the platform.
 */
export async function bundlePrelude(): Promise<string> {
  const options = { bundle: true, target: 'es2024', minifyWhitespace: true, minifySyntax: true, write: false } as const;
  const lazy = await build({ ...options, entryPoints: [here(`../../../lib/guest/web/${webModules}`)], format: 'cjs' });
  const main = await build({
    ...options,
    entryPoints: [here('./isolate-prelude.ts')],
    format: 'iife',
    external: [webModules],
  });
  const [lazyText, mainText] = [lazy, main].map(({ outputFiles }) => outputFiles[0]?.text);
  return `(()=>{"use strict";const require=()=>{const module={exports:{}};${lazyText};return module.exports};${mainText}})()`;
}

/** A real isolate for the tests of one file. Each snippet runs in a context of its own, after the prelude. */
export function useIsolate() {
  const child = fork(here('./isolate-child.ts'), {
    execArgv: ['--no-node-snapshot'],
    env: { TZ: 'UTC' },
    serialization: 'advanced',
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  let lastId = 0;
  const ask = (kind: 'prelude' | 'run' | 'bare', code: string): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.set(++lastId, { resolve, reject });
    child.send({ id: lastId, kind, code });
    return promise;
  };
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(value);
    else waiting.get(id)?.reject(new Error(`in the isolate: ${error}`));
    waiting.delete(id);
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('The process of the isolate has ended.'));
  });
  beforeAll(async () => {
    await ask('prelude', await bundlePrelude());
  });
  afterAll(() => {
    child.disconnect();
  });

  /** Gives the JSON of what the snippet gives, which sees nothing of the file around it. */
  const run = async (snippet: Snippet): Promise<unknown> => {
    const code = `(async () => JSON.stringify(await (${snippet})($tools, $bench)))()`;
    return fromJson(await ask('run', code));
  };
  /** The same assertions hold of Node's own implementation, which shows that the test itself is right. */
  const same = (name: string, snippet: (tools: Tools) => unknown): void => {
    it(name, async () => {
      const expected = fromJson(JSON.stringify(await snippet(tools)));
      expect(expected).toBeDefined();
      expect(await run(snippet)).toEqual(expected);
    });
  };
  return { run, same, ask };
}

const fromJson = (text: unknown): unknown => (typeof text === 'string' ? JSON.parse(text) : undefined);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnServer } from '../conformance/server.ts';
import { CHECKS } from '../smoke/checks.ts';

const ENTRY = resolve(import.meta.dirname, '../smoke/main.ts');
/** Tenants are made before the checks and removed after them. */
const ALL = CHECKS.length + 2;

const server = new OwnServer();
beforeAll(() => server.start());
afterAll(() => server.remove());

const smoke = async (...args: readonly string[]): Promise<{ readonly out: string; readonly code: number | null }> => {
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [ENTRY, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
  }
  const [code] = await once(child, 'close');
  return { out, code };
};

describe('the smoke test', () => {
  it('passes against the embedded server, with one line a check, and leaves nothing behind', async () => {
    const { out, code } = await smoke('--url', server.url, '--key', server.operatorKey);
    expect(out.trim().split('\n').at(-1)).toBe(`smoke: ${ALL} of ${ALL}`);
    expect(out.match(/^ok {3} +\d+\.\d s {2}\S/gm)).toHaveLength(ALL);
    expect(code).toBe(0);
    const tenants = await fetch(`${server.url}/v1/tenants`, {
      headers: { authorization: `Bearer ${server.operatorKey}` },
    });
    expect(await tenants.json()).toMatchObject({ tenants: [] });
  });

  it('fails where the key is not the operator’s', async () => {
    const { out, code } = await smoke('--url', server.url, '--key', 'another');
    expect(out).toContain('auth.invalid');
    expect(out.trim().split('\n').at(-1)).toBe(`smoke: 0 of ${ALL}`);
    expect(code).toBe(1);
  });

  it('fails where nobody answers, and says how it is called where it is not told whom to ask', async () => {
    const silent = await smoke('--url', 'http://127.0.0.1:9', '--key', 'any');
    expect(silent.out).toMatch(/ECONNREFUSED|fetch failed|bad port/);
    expect(silent.code).toBe(1);
    const unasked = await smoke();
    expect(unasked.out).toContain('--url https://');
    expect(unasked.code).toBe(2);
  });
});

import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('crypto.subtle', () => {
  same('digests as every other platform does', async () => {
    const results: string[] = [];
    const hex = (buffer: ArrayBuffer) =>
      [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    for (const name of ['SHA-1', 'SHA-256', 'SHA-384', 'sha-512']) {
      for (const size of [0, 1, 55, 56, 64, 111, 112, 128, 1_000]) {
        results.push(hex(await crypto.subtle.digest(name, new Uint8Array(size).fill(size))));
      }
    }
    return [results, hex(await crypto.subtle.digest({ name: 'SHA-256' }, new DataView(new ArrayBuffer(3))))];
  });

  same('signs and verifies by HMAC', async ({ rejected }) => {
    const results: unknown[] = [];
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
      for (const size of [1, 64, 200]) {
        const raw = new Uint8Array(size).fill(7);
        const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, true, ['sign', 'verify']);
        const data = new TextEncoder().encode('what is signed');
        const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, data));
        const isRight = await crypto.subtle.verify('HMAC', key, signature, data);
        signature[0] = (signature[0] ?? 0) ^ 1;
        results.push([...signature], isRight, await crypto.subtle.verify('HMAC', key, signature, data), key.type);
        results.push(new Uint8Array(await crypto.subtle.exportKey('raw', key)).length);
      }
    }
    const key = await crypto.subtle.importKey('raw', new Uint8Array(4), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    return [
      results,
      key.algorithm,
      await rejected(() => crypto.subtle.verify('HMAC', key, new Uint8Array(1), new Uint8Array(1))),
      await rejected(() => crypto.subtle.exportKey('raw', key)),
      await rejected(() => crypto.subtle.digest('MD5', new Uint8Array(1))),
    ];
  });

  it('refuses by name what it does not have', async () => {
    const seen = await run(async () => {
      const refusals = [
        crypto.subtle.digest('MD5', new Uint8Array(1)),
        crypto.subtle.generateKey({ name: 'RSA-OAEP' } as never, false, ['encrypt']),
        crypto.subtle.encrypt({ name: 'AES-GCM' } as never, {} as never, new Uint8Array(1)),
        crypto.subtle.importKey('jwk', {}, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
      ];
      const results = await Promise.allSettled(refusals);
      return results.map(
        (each) => each.status === 'rejected' && [each.reason.name, each.reason instanceof DOMException],
      );
    });
    expect(seen).toEqual(Array(4).fill(['NotSupportedError', true]));
  });
});

describe('crypto', () => {
  it('takes its randomness from the gate', async () => {
    const draw = (seed: number) =>
      run(
        `(_, { gate }) => { gate.seed = ${seed}; return [crypto.randomUUID(), [...crypto.getRandomValues(new Uint16Array(4))], Math.random()]; }`,
      );
    const first = await draw(1);
    expect(first).toEqual(await draw(1));
    expect(first).not.toEqual(await draw(2));
    expect((first as string[])[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  same('fills integers only, and not too many', ({ thrown }) => [
    thrown(() => crypto.getRandomValues(new Float64Array(1) as never)),
    thrown(() => crypto.getRandomValues(new Uint8Array(65_537))),
    thrown(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1)) as never)),
    crypto.getRandomValues(new BigUint64Array(2)).length,
    Object.prototype.toString.call(crypto),
  ]);
});

import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run } = useIsolate();

describe('fetch', () => {
  it('asks the gateway and gives its answer', async () => {
    const seen = await run(async (_, { gate }) => {
      gate.answer = async () => ({
        status: 201,
        statusText: 'Made',
        headers: [
          ['content-type', 'application/json'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
        body: new TextEncoder().encode('{"a":1}'),
        url: 'http://a/final#part',
        redirected: true,
      });
      const response = await fetch('http://a/x#part', {
        method: 'POST',
        body: 'text',
        headers: { 'X-Y': 'z', Host: 'h' },
      });
      const [call] = gate.calls;
      const { body, ...asked } = (call?.args[0] ?? {}) as { body: Uint8Array };
      return [
        [call?.binding, call?.method, asked, new TextDecoder().decode(body)],
        [response.status, response.ok, response.statusText, response.url, response.redirected, response.type],
        response.headers.getSetCookie(),
        await response.json(),
      ];
    });
    expect(seen).toEqual([
      [
        '$fetch',
        'fetch',
        {
          url: 'http://a/x',
          method: 'POST',
          redirect: 'follow',
          headers: [
            ['content-type', 'text/plain;charset=UTF-8'],
            ['host', 'h'],
            ['x-y', 'z'],
          ],
        },
        'text',
      ],
      [201, true, 'Made', 'http://a/final', true, 'basic'],
      ['a=1', 'b=2'],
      { a: 1 },
    ]);
  });

  it('collects a stream that is sent, and sends no body where there is none', async () => {
    const seen = await run(async (_, { gate }) => {
      gate.answer = async () => ({ status: 204, statusText: '', headers: [], body: null, url: '', redirected: false });
      const body = ReadableStream.from([new Uint8Array([97]), new Uint8Array([98])]) as never;
      const response = await fetch(new Request('http://a', { method: 'PUT', body, duplex: 'half' } as RequestInit));
      await fetch('http://a', { redirect: 'manual' });
      const [sent, none] = gate.calls.map((call) => call.args[0] as { body?: Uint8Array; redirect: string });
      return [[...(sent?.body ?? [])], none?.body === undefined, none?.redirect, response.body];
    });
    expect(seen).toEqual([[97, 98], true, 'manual', null]);
  });

  it('shows a refusal as a TypeError with its cause', async () => {
    const seen = await run(async (_, { gate }) => {
      gate.answer = () => Promise.reject(new RangeError('Egress to 10.0.0.1 is not allowed'));
      const error = await fetch('http://10.0.0.1').catch((each) => each);
      return [error instanceof TypeError, error.message, error.cause instanceof RangeError];
    });
    expect(seen).toEqual([true, 'Egress to 10.0.0.1 is not allowed', true]);
  });

  it('asks nothing when its signal is aborted, and gives up waiting when it becomes so', async () => {
    const seen = await run(async ({ rejected }, { gate }) => {
      gate.answer = () => new Promise(() => {});
      const before = await rejected(() => fetch('http://a', { signal: AbortSignal.abort() }));
      const asked = gate.calls.length;
      const controller = new AbortController();
      const pending = fetch('http://a', { signal: controller.signal }).catch((reason) => reason);
      controller.abort('enough');
      const deadline = rejected(() => fetch('http://a', { signal: AbortSignal.timeout(10) }));
      await gate.advance(10);
      return [before, asked, await pending, await deadline];
    });
    expect(seen).toEqual(['AbortError', 0, 'enough', 'TimeoutError']);
  });

  it('rejects, and does not throw, where the request is wrong', async () => {
    expect(await run(({ rejected }) => rejected(() => fetch('nope')))).toBe('TypeError');
  });
});

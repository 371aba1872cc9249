import { POLICY_REFUSED } from '../../core/replay/policies.ts';
import { gate } from './gate.ts';
import { collectBody, Request, type RequestInit } from './request.ts';
import { type FetchedResponse, fromNetwork, type Response } from './response.ts';

/** What the host's gateway is asked: `gate.call('$fetch', 'fetch', [this])` gives a `FetchedResponse`. */
export interface FetchCall {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
  readonly redirect: 'follow' | 'error' | 'manual';
}

/** https://fetch.spec.whatwg.org/#fetch-method. An answer that comes after the signal was aborted is let go. */
export async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { signal } = request;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([send(request), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function send(request: Request): Promise<Response> {
  const call: FetchCall = {
    url: request.url.split('#', 1)[0] as string,
    method: request.method,
    headers: [...request.headers],
    body: await collectBody(request),
    redirect: request.redirect,
  };
  let answer: unknown;
  try {
    answer = await gate().call('$fetch', 'fetch', [call]);
  } catch (error) {
    // No failure of the network: it would be tried again.
    if (error instanceof Error && error.name === POLICY_REFUSED) throw error;
    throw new TypeError(error instanceof Error ? error.message : `${error}`, { cause: error });
  }
  return fromNetwork(answer as FetchedResponse);
}

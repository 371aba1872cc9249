import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Entry {
  readonly what: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  readonly at: number;
}

/**
 * The outside world of a workflow: keeps what it was told, in order. `?delay=ms` answers late, `?hold=name` answers when
 * the test says so, `?barrier=n` answers when n calls are there. The answer to the k-th call of the same text is `k`.
 */
export class Ledger {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #entries = new Map<string, Entry[]>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #released = new Set<string>();
  readonly #barriers = new Map<string, (() => void)[]>();

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  entries(scope: string): readonly Entry[] {
    return this.#entries.get(scope) ?? [];
  }

  release(scope: string, name: string): void {
    const key = `${scope}/${name}`;
    this.#released.add(key);
    for (const go of this.#held.get(key) ?? []) go();
    this.#held.delete(key);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://ledger');
    const [, scope = '', ...rest] = url.pathname.split('/');
    const what = decodeURIComponent(rest.join('/'));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const entries = this.#entries.get(scope) ?? [];
    this.#entries.set(scope, entries);
    entries.push({ what, body: Buffer.concat(chunks).toString('utf8'), headers: request.headers, at: Date.now() });
    const count = entries.filter((entry) => entry.what === what).length;
    await this.#wait(scope, url.searchParams);
    response.setHeader('content-type', 'text/plain');
    response.end(String(count));
  }

  async #wait(scope: string, query: URLSearchParams): Promise<void> {
    const delay = Number(query.get('delay') ?? 0);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const hold = query.get('hold');
    const key = `${scope}/${hold}`;
    if (hold !== null && !this.#released.has(key)) {
      await new Promise<void>((resolve) => this.#held.set(key, [...(this.#held.get(key) ?? []), resolve]));
    }
    const barrier = Number(query.get('barrier') ?? 0);
    if (barrier > 0) {
      await new Promise<void>((resolve) => {
        const there = [...(this.#barriers.get(scope) ?? []), resolve];
        this.#barriers.set(scope, there);
        if (there.length >= barrier) for (const go of there) go();
      });
    }
  }
}

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The world that a tenant's steps act on: counts what it is asked for, and may keep a caller waiting. */
export class Outside {
  readonly #counts = new Map<string, number>();
  readonly #held: ServerResponse[] = [];
  readonly #server = createServer((request, response) => {
    const what = (request.url ?? '/').slice(1);
    this.#counts.set(what, this.count(what) + 1);
    if (what === this.#holds?.what) {
      this.#held.push(response);
      this.#holds.come();
    } else response.end(`${what} done`);
  });
  #holds: { readonly what: string; readonly come: () => void } | undefined;

  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Gives no answer to that from now on; resolves when somebody waits for one. */
  hold(what: string): Promise<void> {
    return new Promise((come) => {
      this.#holds = { what, come };
    });
  }

  /** Answers again. Whoever waits has gone. */
  holdNothing(): void {
    this.#holds = undefined;
    for (const response of this.#held.splice(0)) response.destroy();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

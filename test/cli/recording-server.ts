import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
}

/** Answers by `METHOD /path` and keeps what it was asked; a list of replies is given out one by one, the last for ever. */
export class RecordingServer {
  readonly requests: Recorded[] = [];
  readonly #replies: Readonly<Record<string, Reply | readonly Reply[]>>;
  readonly #given = new Map<string, number>();
  readonly #server: Server;

  constructor(replies: Readonly<Record<string, Reply | readonly Reply[]>>) {
    this.#replies = replies;
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', url = '', headers } = request;
      const key = headers.authorization?.replace('Bearer ', '');
      this.requests.push({ method, url, key, headers, body: Buffer.concat(chunks).toString('utf8') });
      const { status = 200, json } = this.#replyTo(`${method} ${url.split('?')[0]}`);
      response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
      response.end(json === undefined ? '' : JSON.stringify(json));
    });
  }

  #replyTo(call: string): Reply {
    const reply = this.#replies[call];
    if (reply === undefined)
      return { status: 404, json: { status: 404, code: 'route.not_found', detail: `no ${call}` } };
    if (!Array.isArray(reply)) return reply as Reply;
    const index = this.#given.get(call) ?? 0;
    this.#given.set(call, index + 1);
    return (reply as readonly Reply[])[Math.min(index, reply.length - 1)] ?? {};
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

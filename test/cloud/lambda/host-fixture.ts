import { type HostOptions, ProcessLambdaHost } from './host.ts';
import type { LogLine } from './log-stream.ts';
import { CREDENTIALS, ListAuthorizer, StackFixture } from './stack-fixture.ts';

/** A host for functions written by hand; what it tells is kept. */
export class HostFixture extends StackFixture {
  readonly authorizer = new ListAuthorizer();
  readonly logs: LogLine[] = [];
  readonly #lineWaiters = new Set<() => void>();
  readonly #hosts: ProcessLambdaHost[] = [];

  /** Of all functions that were added before. */
  start(options: Partial<HostOptions> = {}): ProcessLambdaHost {
    const host = new ProcessLambdaHost({
      stack: this.stack,
      authorizer: this.authorizer,
      endpointUrl: 'http://127.0.0.1:4566',
      credentialsOf: () => CREDENTIALS,
      onLog: (line) => {
        this.logs.push(line);
        for (const waiter of this.#lineWaiters) waiter();
      },
      ...options,
    });
    this.#hosts.push(host);
    return host;
  }

  /** Resolves with the first line, written already or not, that holds the text. */
  async line(text: string): Promise<string> {
    const find = () => this.logs.find(({ line }) => line.includes(text))?.line;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#lineWaiters.add(resolve);
      await promise;
      this.#lineWaiters.delete(resolve);
    }
  }

  async close(): Promise<void> {
    for (const host of this.#hosts) await host.close();
    this.remove();
  }
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { findContainment } from '../../lib/adapters/embedded/sandbox/find-containment.ts';
import {
  DEFAULT_SANDBOX_LIMITS,
  NamespacedSandbox,
  type NamespacedSandboxOptions,
} from '../../lib/adapters/embedded/sandbox/namespaced-sandbox.ts';
import type { SandboxCommand, SandboxEnd, SandboxWork } from '../../lib/ports/sandbox.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';

export interface Ended {
  readonly tenant: string;
  readonly token: string;
  readonly end: SandboxEnd;
}

/** Why this machine cannot contain a command; `undefined`: it can. */
export const whyNotContained = async (): Promise<string | undefined> => {
  const folder = makeFolder();
  const root = join(folder.path, '.root');
  mkdirSync(root);
  try {
    const found = await findContainment({ folder: folder.path, root, limits: DEFAULT_SANDBOX_LIMITS });
    return found.kind === 'found' ? undefined : `no way to contain a command here: ${found.details.join('; ')}`;
  } finally {
    folder.remove();
  }
};

/** A sandbox in a data folder of a test's own, and the ends that it has told. */
export class SandboxWorld {
  readonly folder = makeFolder();
  readonly blobs = new FileBlobStore(join(this.folder.path, 'blobs'));
  readonly told: Ended[] = [];
  readonly errors: unknown[] = [];
  readonly #waiting = new Map<string, (ended: Ended) => void>();
  #sandbox: NamespacedSandbox | undefined;
  #tokens = 0;

  async open(options: Partial<NamespacedSandboxOptions> = {}): Promise<NamespacedSandbox> {
    this.#sandbox = new NamespacedSandbox({
      folder: join(this.folder.path, 'sandboxes'),
      blobs: this.blobs,
      onEnd: async (ended) => {
        this.told.push(ended);
        this.#waiting.get(ended.token)?.(ended);
      },
      onError: (error) => this.errors.push(error),
      ...options,
    });
    await this.#sandbox.open();
    return this.#sandbox;
  }

  get sandbox(): NamespacedSandbox {
    if (this.#sandbox === undefined) throw new Error('The sandbox was not opened');
    return this.#sandbox;
  }

  /** Starts a command; settled with its end. */
  async run(command: readonly string[], more: Partial<SandboxCommand> = {}): Promise<SandboxEnd> {
    this.#tokens += 1;
    const token = more.token ?? `token-${this.#tokens}`;
    return this.start({ kind: 'command', tenant: 'acme', env: {}, timeoutMs: 20_000, ...more, command, token });
  }

  async start(work: SandboxWork): Promise<SandboxEnd> {
    const ended = this.end(work.token);
    await this.sandbox.start(work);
    return (await ended).end;
  }

  /** By a shell; what it printed, and it must have exited with 0. */
  async say(script: string, more: Partial<SandboxCommand> = {}): Promise<string> {
    const end = await this.run(['sh', '-c', script], more);
    if (end.kind !== 'exited' || end.exitCode !== 0) throw new Error(JSON.stringify(end));
    return end.stdout;
  }

  end(token: string): Promise<Ended> {
    return new Promise((resolve) => this.#waiting.set(token, resolve));
  }

  async close(): Promise<void> {
    await this.#sandbox?.close();
    this.folder.remove();
  }
}

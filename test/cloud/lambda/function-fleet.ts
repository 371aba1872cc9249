import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment, type EnvironmentOptions } from './environment.ts';
import type { FunctionSettings } from './function-settings.ts';
import { unpack } from './task-root.ts';

export interface FleetOptions extends Pick<EnvironmentOptions, 'region' | 'endpointUrl'> {
  readonly settings: FunctionSettings;
  readonly credentials: () => EnvironmentOptions['credentials'];
  readonly openLog: (logStream: string) => (line: string) => void;
}

/** The environments of one function. All run from one copy of the package, which is read-only on Lambda. */
export class FunctionFleet {
  readonly #options: FleetOptions;
  readonly #environments = new Set<Environment>();
  readonly #idle = new Set<Environment>();
  #folder: string | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get environments(): readonly Environment[] {
    return [...this.#environments].filter(({ isGone }) => !isGone);
  }

  /** The one that was used last, if one is free. Environments that have served a tenant serve no other. */
  takeIdle(tenantId: string | undefined): Environment | undefined {
    const environment = [...this.#idle]
      .filter((idle) => !idle.isGone && idle.tenantId === tenantId)
      .reduce<Environment | undefined>((a, b) => (a === undefined || b.idleSince >= a.idleSince ? b : a), undefined);
    if (environment) this.#idle.delete(environment);
    return environment;
  }

  /** A new one, whose process has just been started. */
  add(tenantId: string | undefined): Environment {
    const { settings, credentials, openLog, region, endpointUrl } = this.#options;
    const folder = this.#unpacked();
    // The name of the stream is the environment's.
    let log: ((line: string) => void) | undefined;
    const environment: Environment = new Environment({
      settings,
      folder,
      tenantId,
      region,
      endpointUrl,
      taskRoot: join(folder, 'task'),
      credentials: credentials(),
      onLine: (line) => {
        log ??= openLog(environment.logStream);
        log(line);
      },
    });
    this.#environments.add(environment);
    return environment;
  }

  release(environment: Environment): void {
    if (environment.isGone) this.#environments.delete(environment);
    else this.#idle.add(environment);
  }

  async drop(environment: Environment): Promise<void> {
    this.#environments.delete(environment);
    this.#idle.delete(environment);
    await environment.kill();
  }

  /** Ends what has been idle since before that instant, and forgets what has died meanwhile. */
  reap(idleBefore: number): void {
    for (const environment of this.#idle) {
      if (environment.isGone || environment.idleSince < idleBefore) void this.drop(environment);
    }
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#environments].map((environment) => this.drop(environment)));
  }

  async close(): Promise<void> {
    await this.kill();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #unpacked(): string {
    if (this.#folder === undefined) {
      this.#folder = mkdtempSync(join(tmpdir(), 'tenon-lambda-'));
      unpack(this.#options.settings, join(this.#folder, 'task'));
    }
    return this.#folder;
  }
}

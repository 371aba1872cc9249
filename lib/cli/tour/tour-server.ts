import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../../bin/tenon.ts', import.meta.url));

/** A server of the tour's own: a process on a free port, with a data folder that goes with it. */
export class TourServer {
  readonly operatorKey: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tenon-demo-'));
  #port = 0;
  #child: ChildProcess | undefined;

  constructor(operatorKey: string) {
    this.operatorKey = operatorKey;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it answers. @throws Error with what it said, where it ends instead */
  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    const args = ['dev', '--port', `${this.#port}`, '--data', this.#folder, '--no-demo', '--allow-private-egress'];
    const child = spawn(process.execPath, [ENTRY, ...args], {
      // A group of its own, so that a kill takes the processes that run tenants' code along.
      detached: true,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        TENON_OPERATOR_KEY: this.operatorKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    // It must not outlive the tour, however that ends.
    const killGroup = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    process.once('exit', killGroup);
    child.once('exit', () => process.off('exit', killGroup));
    let said = '';
    await new Promise<void>((done, fail) => {
      const take = (chunk: Buffer): void => {
        said += chunk.toString('utf8');
        if (/^listening http/m.test(said)) done();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
    });
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
    await gone;
  }

  /** Ends it however it stands, and takes its data away. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((done) => probe.close(() => done()));
  return port;
};

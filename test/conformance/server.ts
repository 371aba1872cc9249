import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ENTRY = resolve(import.meta.dirname, '../../bin/tenon.ts');
/** Where this process keeps what it has compiled, the servers do too. */
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
const STARTS_WITHIN_MS = 30_000;

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((done) => probe.close(() => done()));
  return port;
};

/** The embedded server as a person runs it: a child process on a free port with a data folder of its own. */
export class OwnServer {
  readonly operatorKey = `conformance-${randomBytes(32).toString('base64url')}`;
  readonly folder = mkdtempSync(join(tmpdir(), 'tenon-conformance-'));
  #port: number | undefined;
  #child: ChildProcess | undefined;
  output = '';

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#port ??= await freePort();
    const args = [
      'dev',
      '--port',
      `${this.#port}`,
      '--data',
      this.folder,
      '--no-demo',
      '--allow-private-egress',
      '--sandbox',
    ];
    const child = spawn(process.execPath, [ENTRY, ...args], {
      // A group of its own, so that a kill takes its executors along.
      detached: true,
      env: { PATH: process.env.PATH, ...compileCache, TENON_OPERATOR_KEY: this.operatorKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    // Whoever runs the suite may be stopped in the middle: the server must not outlive it.
    const killGroup = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    process.once('exit', killGroup);
    child.once('exit', () => process.off('exit', killGroup));
    this.output = '';
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`the server did not start:\n${this.output}`)), STARTS_WITHIN_MS);
      const take = (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
        if (!/^listening http/m.test(this.output)) return;
        clearTimeout(timer);
        done();
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('exit', (code) => {
        clearTimeout(timer);
        fail(new Error(`the server ended with ${code}:\n${this.output}`));
      });
    });
  }

  /** Ends the process group and waits until it is gone; gives how long that took, ms. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return 0;
    const since = Date.now();
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
    await gone;
    return Date.now() - since;
  }

  async restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.end(signal);
    await this.start();
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

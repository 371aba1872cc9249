import { type ChildProcess, spawn } from 'node:child_process';

const STARTS_WITHIN_MS = 60_000;
const RUNNING = /Running on (http:\/\/127\.0\.0\.1:\d+)/;

/** Lists of S3 come in pages of two, so that paging is asked for without a thousand objects. */
const SETTINGS = { MOTO_S3_DEFAULT_MAX_KEYS: '2', PYTHONUNBUFFERED: '1' };

export interface MotoServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** moto on a free port of loopback, in memory, for as long as this process lives. */
export const startMoto = async (tool: string): Promise<MotoServer> => {
  const child = spawn(tool, ['-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env.PATH, ...SETTINGS },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await ended;
  };
  try {
    return { endpoint: await addressOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => reject(new Error(`moto_server ${why}:\n${text}`));
    const timer = setTimeout(() => fail('did not start'), STARTS_WITHIN_MS);
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const [, endpoint] = RUNNING.exec(text) ?? [];
      if (endpoint === undefined) return;
      clearTimeout(timer);
      // From here on it logs every request; what is not read would stop it.
      text = '';
      resolve(endpoint);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', ({ message }) => fail(`cannot be run (${message})`));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });

import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { type Answer, field, type HttpClient, isBrokenConnection, textField } from '../http-client.ts';
import { repositoryFolder } from '../machine.ts';
import { startServer } from '../processes.ts';
import { expectedTotal, type RunningSystem, type System, SystemUnavailable, stepsPerInstance } from '../system.ts';
import { folderOf, installPeer, versionsOf } from './install.ts';

const tenants = 10;
const instanceTimeoutMs = 60_000;
const maximumTries = 5;

/** Cloudflare's own engine on this machine: workerd through miniflare, tenants' code through Worker Loader. */
export function describeCloudflare(): System {
  return {
    name: 'cloudflare',
    versions: versionsOf('cloudflare'),
    durability: "workflow state in SQLite on disk, with workerd's own settings, which sync every commit",
    completion:
      'create, then ask for the status every 2 ms with one caller, every 50 ms with more: it has no waiting call',
    minimumInstances: 300,
    async prepare() {
      await installPeer('cloudflare');
      await build({
        entryPoints: [path.join(folderOf('cloudflare'), 'dispatcher.ts')],
        outfile: dispatcherFile(),
        bundle: true,
        format: 'esm',
        target: 'es2022',
        external: ['cloudflare:workers'],
        logLevel: 'error',
      });
    },
    start,
  };
}

async function start(dataFolder: string): Promise<RunningSystem> {
  const server = startServer({
    program: process.execPath,
    words: ['server.ts', dispatcherFile(), path.join(repositoryFolder, 'bench/bundles/ten-steps.js'), dataFolder],
    folder: folderOf('cloudflare'),
  });
  const origin = await server.printed(/^listening (http:\S+)/m, 60_000).catch(async (error: Error) => {
    await server.stop(0);
    throw new SystemUnavailable(`it did not start: ${error.message}`);
  });
  return {
    origin,
    complete,
    cpuMs: server.cpuMs,
    cpuMsByThread: server.cpuMsByThread,
    stop: () => server.stop(3000),
  };
}

async function complete(client: HttpClient, sequence: number, callers: number): Promise<void> {
  const beganAt = performance.now();
  const tenant = `tenant-${sequence % tenants}`;
  const created = await client.send('POST', `/create/${tenant}`, {
    json: { steps: stepsPerInstance, start: sequence },
  });
  const id = textField(created.body, 'id');
  for (;;) {
    const { body } = await untilAnswered(() => client.send('GET', `/status/${id}`));
    const status = field(body, 'status');
    if (status === 'complete' && field(field(body, 'output'), 'total') === expectedTotal(sequence)) return;
    const isLate = performance.now() - beganAt > instanceTimeoutMs;
    if (isLate || status === 'complete' || status === 'errored' || status === 'terminated') {
      throw new Error(`cloudflare: instance ${sequence} answered ${JSON.stringify(body)?.slice(0, 500)}`);
    }
    await delay(callers === 1 ? 2 : 50);
  }
}

/**
 * With many callers on a busy machine workerd was seen to close many connections at once, requests on them included. A
 * caller would ask again, so this one does; the time counts, and an instance made twice is counted once.
 */
async function untilAnswered(send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (!isBrokenConnection(error) || tries === maximumTries) throw error;
    }
  }
}

function dispatcherFile(): string {
  return path.join(folderOf('cloudflare'), 'dispatcher.bundle.js');
}

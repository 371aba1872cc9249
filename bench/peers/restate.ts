import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { field, type HttpClient, openHttpClient } from '../http-client.ts';
import { findFreePort, type Server, startServer, sumOfCpu } from '../processes.ts';
import { expectedTotal, type RunningSystem, type System, SystemUnavailable, stepsPerInstance } from '../system.ts';
import { folderOf, installPeer, versionsOf } from './install.ts';

const startTimeoutMs = 60_000;

/** The Restate server with its default settings on one node, and one handler of ten journaled steps in the Node SDK. */
export function describeRestate(): System {
  return {
    name: 'restate',
    versions: versionsOf('restate'),
    durability:
      'defaults: replicated log on one node, write-ahead log on disk and synced (rocksdb-disable-wal-fsync = false)',
    completion: 'one request, answered when the instance is complete',
    minimumInstances: 1500,
    async prepare() {
      await installPeer('restate');
      if (!existsSync(serverFile())) {
        throw new SystemUnavailable(`there is no Restate server for ${process.platform} ${process.arch} on npm`);
      }
    },
    start,
  };
}

async function start(dataFolder: string): Promise<RunningSystem> {
  const servers: Server[] = [];
  const stop = async () => {
    // The data is thrown away, so there is nothing to wait for.
    await Promise.all(servers.map((server) => server.stop(0)));
  };
  try {
    const endpoint = startServer({
      program: process.execPath,
      words: ['endpoint.ts'],
      folder: folderOf('restate'),
      environment: { NODE_ENV: 'production' },
    });
    servers.push(endpoint);
    const { ingress, admin, config } = await configure(dataFolder);
    const server = startServer({
      program: serverFile(),
      words: ['--config-file', config, '--base-dir', dataFolder],
      folder: dataFolder,
    });
    servers.push(server);
    await register(admin, await endpoint.printed(/^listening (http:\S+)/m, startTimeoutMs), server);
    return {
      origin: ingress,
      complete,
      cpuMs: () => sumOfCpu(servers),
      cpuMsByThread: () => servers.flatMap((one) => one.cpuMsByThread()),
      stop,
    };
  } catch (error) {
    await stop();
    throw new SystemUnavailable(`it did not start: ${error instanceof Error ? error.message : error}`);
  }
}

/** Everything on loopback and on free ports; no reports of use to its makers; all else stays as it comes. */
async function configure(dataFolder: string): Promise<{ ingress: string; admin: string; config: string }> {
  const [node, ingress, admin] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const config = path.join(dataFolder, 'restate.toml');
  const lines = [
    'disable-telemetry = true',
    'listen-mode = "tcp"',
    `bind-address = "127.0.0.1:${node}"`,
    `advertised-address = "http://127.0.0.1:${node}"`,
    '[ingress]',
    `bind-address = "127.0.0.1:${ingress}"`,
    '[admin]',
    `bind-address = "127.0.0.1:${admin}"`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return { ingress: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}`, config };
}

/** Tells the server where the handler listens, as soon as the server answers. */
async function register(admin: string, uri: string, server: Server): Promise<void> {
  const client = openHttpClient(admin, 1);
  const deadline = performance.now() + startTimeoutMs;
  try {
    for (;;) {
      const answer = await client.send('POST', '/deployments', { json: { uri } }).catch(() => undefined);
      if (answer !== undefined && answer.status < 300) return;
      if (server.hasEnded() || performance.now() > deadline) {
        throw new Error(`its admin API did not take the deployment; it printed: ${server.printedLately()}`);
      }
      await delay(100);
    }
  } finally {
    await client.close();
  }
}

async function complete(client: HttpClient, sequence: number): Promise<void> {
  const answer = await client.send('POST', '/TenSteps/start', { json: { start: sequence, steps: stepsPerInstance } });
  if (answer.status !== 200 || field(answer.body, 'total') !== expectedTotal(sequence)) {
    throw new Error(`restate: instance ${sequence} answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

function serverFile(): string {
  const name = `restate-server-${process.platform}-${process.arch}`;
  return path.join(folderOf('restate'), 'node_modules/@restatedev', name, 'bin/restate-server');
}

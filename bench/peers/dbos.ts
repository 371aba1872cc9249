import { field, type HttpClient } from '../http-client.ts';
import { type Server, startServer, sumOfCpu } from '../processes.ts';
import { expectedTotal, type RunningSystem, type System, SystemUnavailable, stepsPerInstance } from '../system.ts';
import { folderOf, installPeer, versionsOf } from './install.ts';
import { findPostgresql, startPostgresql } from './postgresql.ts';

/** DBOS as a library in one Node process, with PostgreSQL on the same machine. */
export function describeDbos(): System {
  return {
    name: 'dbos',
    versions: versionsOf('dbos'),
    durability: 'PostgreSQL with its default settings (fsync and synchronous_commit on)',
    completion: 'one request, answered when the instance is complete',
    minimumInstances: 800,
    async prepare() {
      findPostgresql();
      await installPeer('dbos');
    },
    start,
  };
}

async function start(dataFolder: string): Promise<RunningSystem> {
  const servers: Server[] = [];
  const stop = async () => {
    // The library first: PostgreSQL waits for its clients to leave, and a killed one leaves its shared memory behind.
    for (const server of servers.toReversed()) await server.stop(server === servers[0] ? 5000 : 0);
  };
  try {
    const database = await startPostgresql(dataFolder);
    servers.push(database.server);
    const library = startServer({
      program: process.execPath,
      words: ['server.ts', database.url],
      folder: folderOf('dbos'),
      environment: { NODE_ENV: 'production' },
    });
    servers.push(library);
    return {
      origin: await library.printed(/^listening (http:\S+)/m, 60_000),
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

async function complete(client: HttpClient, sequence: number): Promise<void> {
  const answer = await client.send('POST', '/', { json: { start: sequence, steps: stepsPerInstance } });
  if (answer.status !== 200 || field(answer.body, 'total') !== expectedTotal(sequence)) {
    throw new Error(`dbos: instance ${sequence} answered ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

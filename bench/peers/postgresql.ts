import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort, type Server, startServer } from '../processes.ts';
import { SystemUnavailable } from '../system.ts';

const startTimeoutMs = 30_000;

type User = Readonly<{ uid: number; gid: number }>;

/** The folder of initdb and postgres, on the PATH or where Debian puts them. Throws `SystemUnavailable` without one. */
export function findPostgresql(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...versions.map((version) => path.join(debian, version, 'bin')),
  ];
  const found = folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(path.join(folder, name))));
  if (found === undefined) throw new SystemUnavailable('PostgreSQL (initdb, postgres) is not installed here');
  return found;
}

/** A new database cluster with its default settings, so with fsync and synchronous_commit on, on a free loopback port. */
export async function startPostgresql(dataFolder: string): Promise<{ server: Server; url: string }> {
  const programs = findPostgresql();
  const user = userForPostgresql();
  if (user !== undefined) chownSync(dataFolder, user.uid, user.gid);
  const cluster = path.join(dataFolder, 'cluster');
  execFileSync(path.join(programs, 'initdb'), ['-D', cluster, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], {
    cwd: dataFolder,
    stdio: 'pipe',
    ...user,
  });
  const port = await findFreePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${dataFolder}`];
  const server = startServer({
    program: path.join(programs, 'postgres'),
    words: ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
    folder: dataFolder,
    ...(user === undefined ? {} : { user }),
  });
  await untilReady(server);
  return { server, url: `postgresql://postgres@127.0.0.1:${port}/postgres` };
}

async function untilReady(server: Server): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!/ready to accept connections/.test(server.printedLately())) {
    if (server.hasEnded() || performance.now() > deadline) {
      await server.stop(0);
      throw new SystemUnavailable(`PostgreSQL did not start; it printed: ${server.printedLately()}`);
    }
    await delay(50);
  }
}

/** PostgreSQL refuses to be started by root: then it is started as the user `postgres`. */
function userForPostgresql(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: number('-u'), gid: number('-g') };
  } catch {
    throw new SystemUnavailable('PostgreSQL does not start as root, and there is no user "postgres"');
  }
}

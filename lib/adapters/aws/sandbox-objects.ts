import type { SandboxCommand } from '../../ports/sandbox.ts';

/** A workspace with what was said, compressed. */
export const MAX_ARCHIVE_BYTES = 1_073_741_824;

/**
 * Where heavy steps keep their objects, all below the tenant's own prefix:
 * `<tenant>/sandbox/<id>/...` while a command is under way, `<tenant>/sandbox/<id>.log` after that, and
 * `<tenant>/sandbox/workspaces/<name>.tar.gz`, with snapshots of them beside, as `<tenant>/sandbox/snapshots/<name>.tar.gz`. A job is
 * named by the first, without the last part; no id is `workspaces` or `snapshots`.
 */
export const jobOf = (tenant: string, id: string): string => `${tenant}/sandbox/${id}`;

export const jobObject = (job: string): string => `${job}/job.json`;
export const commandObject = (job: string): string => `${job}/command.sh`;
/** An empty workspace, where there is none yet or none is kept. */
export const emptyObject = (job: string): string => `${job}/empty.tar.gz`;
export const resultObject = (job: string): string => `${job}/result.tar.gz`;
export const logObject = (job: string): string => `${job}.log`;
export const workspaceObject = (tenant: string, workspace: string): string =>
  `${tenant}/sandbox/workspaces/${workspace}.tar.gz`;

export const snapshotsPrefix = (tenant: string): string => `${tenant}/sandbox/snapshots/`;
export const snapshotObject = (tenant: string, snapshot: string): string =>
  `${snapshotsPrefix(tenant)}${snapshot}${SNAPSHOT_ENDING}`;
/** Of an object below that prefix. */
export const snapshotOf = (tenant: string, key: string): string =>
  key.slice(snapshotsPrefix(tenant).length, -SNAPSHOT_ENDING.length);

const SNAPSHOT_ENDING = '.tar.gz';

/** What the end of a build has to know; not the command or its variables. */
export type SandboxJob = Pick<SandboxCommand, 'tenant' | 'token' | 'timeoutMs' | 'workspace'>;

const JOB = /^[a-z0-9][a-z0-9-]{0,62}\/sandbox\/[0-9a-f]{64}$/;

/** Comes back by way of another service: no other object is to be named by it. */
export const isJob = (name: string): boolean => JOB.test(name);

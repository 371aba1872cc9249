import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { arch, cpus, homedir, platform, release, tmpdir, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

export const repositoryFolder = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** What a reader needs to judge a figure. It names no host and no path. */
export type Machine = Readonly<{
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  /** Where the data folders lie. On `tmpfs` a sync costs nothing, so figures from there are not of durable storage. */
  dataFileSystem: string;
}>;

export type Commit = Readonly<{ id: string; hasLocalChanges: boolean }>;

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    dataFileSystem: fileSystemOf(tmpdir()),
  };
}

export function describeCommit(): Commit {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: repositoryFolder, encoding: 'utf8' }).trim();
  try {
    return { id: git('rev-parse', 'HEAD'), hasLocalChanges: git('status', '--porcelain') !== '' };
  } catch {
    return { id: 'unknown', hasLocalChanges: false };
  }
}

export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGb, system, dataFileSystem, node } = machine;
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, data on ${dataFileSystem}; Node ${node}`;
}

export function commitText({ id, hasLocalChanges }: Commit): string {
  return `commit ${id.slice(0, 12)}${hasLocalChanges ? ' with local changes' : ''}`;
}

/** Takes out of a message what belongs to this machine, because results are committed. */
export function withoutPlaces(text: string): string {
  return text
    .replaceAll(repositoryFolder, '.')
    .replaceAll(tmpdir(), '<tmp>')
    .replaceAll(homedir(), '~')
    .replace(/\bhttps?:\/\/(?!127\.0\.0\.1|localhost)[^/\s"']+/g, 'https://<host>');
}

/** The numbers are the `f_type` of statfs(2); macOS reports others, so anything unknown stays a number. */
function fileSystemOf(folder: string): string {
  const kinds = new Map([
    [0x01021994, 'tmpfs'],
    [0xef53, 'ext4'],
    [0x58465342, 'xfs'],
    [0x9123683e, 'btrfs'],
    [0x794c7630, 'overlayfs'],
  ]);
  const kind = statfsSync(folder).type;
  return kinds.get(kind) ?? `type ${kind}`;
}

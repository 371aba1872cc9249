import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryFolder } from '../machine.ts';
import { SystemUnavailable } from '../system.ts';

type Manifest = Readonly<{ dependencies: Readonly<Record<string, string>> }>;

/** Where a peer's programs are copied and its packages installed: outside the project's own dependencies, ignored by git. */
export function folderOf(peer: string): string {
  return path.join(repositoryFolder, 'bench/.peers', peer);
}

/** The exact versions that the peer's committed manifest names. */
export function versionsOf(peer: string): Readonly<Record<string, string>> {
  return manifestOf(peer).dependencies;
}

/** Copies the peer's programs and installs its packages from npm, without their scripts, when they are not there yet. */
export async function installPeer(peer: string): Promise<void> {
  const folder = folderOf(peer);
  const stamp = path.join(folder, 'installed.json');
  const wanted = JSON.stringify(manifestOf(peer).dependencies);
  const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (!isInstalled) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(sourceOf(peer), folder, { recursive: true });
  if (isInstalled) return;
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', words, { cwd: folder, timeout: 300_000 });
  } catch (error) {
    throw new SystemUnavailable(`its packages could not be installed from npm: ${reasonOf(error)}`);
  }
  writeFileSync(stamp, wanted);
}

/** What npm said went wrong, on one line: the result holds it, so no command line, trace or place of a log file. */
function reasonOf(error: unknown): string {
  const lines = error instanceof Error ? error.message.split('\n') : [];
  const said = lines.map(
    (line) => /^npm error (?! |A complete log|Log files|If you are)(.*\w.*)/.exec(line)?.[1] ?? '',
  );
  return (
    said
      .filter((line) => line !== '')
      .join('; ')
      .slice(0, 300) || 'npm gave no reason'
  );
}

function sourceOf(peer: string): string {
  return path.join(repositoryFolder, 'bench/peers', peer);
}

function manifestOf(peer: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(path.join(sourceOf(peer), 'package.json'), 'utf8'));
  return manifest;
}

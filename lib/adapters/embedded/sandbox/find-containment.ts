import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Containment, isRoot, type Launch, launchOf, type SandboxLimits } from './launch.ts';
import { giveAway } from './workspace-folders.ts';

export type FoundContainment =
  | { readonly kind: 'found'; readonly containment: Containment }
  | {
      readonly kind: 'missing';
      /** For the operator: what was tried and how it failed. Names paths of the host. */
      readonly details: readonly string[];
    };

const PROBE_WITHIN_MS = 10_000;
/** Shown to every command. */
const SHOWN_FOLDERS = ['/usr/', '/bin/', '/sbin/', '/lib/', '/lib64/', '/etc/alternatives/'];

/**
 * How this machine can contain a command, found out by doing it: whether a kernel, a container around the service and its
 * security modules let it, no setting tells reliably. Namespaces come first, since they give up more than bubblewrap does.
 */
export const findContainment = async (params: {
  /** Where workspaces and the place for mounts are. */
  readonly folder: string;
  readonly root: string;
  readonly limits: SandboxLimits;
}): Promise<FoundContainment> => {
  const { folder, root, limits } = params;
  if (SHOWN_FOLDERS.some((shown) => `${realpathSync(folder)}/`.startsWith(shown))) {
    return { kind: 'missing', details: ['the data folder lies where every command may read: keep it elsewhere'] };
  }
  const details: string[] = [];
  // Bubblewrap leaves a command the service's user; as root that would be nobody's limit.
  for (const containment of isRoot() ? (['namespaces'] as const) : (['namespaces', 'bubblewrap'] as const)) {
    const workspace = mkdtempSync(join(folder, '.probe-'));
    try {
      giveAway(workspace);
      const launch = launchOf(containment, { root, workspace, limits, env: {}, command: ['true'] });
      const problem = await problemOf(launch);
      if (problem === undefined) return { kind: 'found', containment };
      details.push(`${containment}: ${problem}`);
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  }
  return { kind: 'missing', details };
};

/** `undefined`: it ran to its end. */
const problemOf = ({ file, args, cwd, env }: Launch): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: PROBE_WITHIN_MS,
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(0, 500);
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? undefined : said.trim() || `ended with ${code}`));
  });

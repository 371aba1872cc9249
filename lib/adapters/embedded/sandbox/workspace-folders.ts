import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxCommand } from '../../../ports/sandbox.ts';
import { removeFolder } from './folder-tree.ts';
import { isRoot, UNPRIVILEGED_USER } from './launch.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Lets the user that commands run as have a folder; nothing to do where that is the service's own. */
export const giveAway = (path: string): void => {
  if (isRoot()) chownSync(path, UNPRIVILEGED_USER, UNPRIVILEGED_USER);
};

/**
 * Where commands work: `<tenant>/<workspace>`, and a folder of its own for a command that keeps nothing; and where snapshots of
 * workspaces are kept. Names that begin with a dot are the adapter's: no tenant's does.
 */
export class WorkspaceFolders {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    for (const name of ['', '.once', '.root', '.snapshots'])
      mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  }

  /** An empty folder to mount on. */
  get root(): string {
    return join(this.path, '.root');
  }

  make({ tenant, workspace }: SandboxCommand, id: string): string {
    const own = this.#of(tenant);
    const path = workspace === undefined ? this.aside(id) : join(own, checked(workspace));
    mkdirSync(path, { recursive: true, mode: 0o700 });
    giveAway(path);
    return path;
  }

  pathOf(tenant: string, workspace: string): string {
    return join(this.#of(tenant), checked(workspace));
  }

  /** For as long as something is done: what lies there then is dropped by the next start. */
  aside(id: string): string {
    return join(this.path, '.once', id);
  }

  /** A folder that is made with the first. */
  snapshotsOf(tenant: string): string {
    return join(this.path, '.snapshots', checked(tenant));
  }

  async dropOnce(id: string): Promise<void> {
    await removeFolder(this.aside(id));
  }

  /** Of commands that were under way when the service went away. */
  async dropAllOnce(): Promise<void> {
    await removeFolder(join(this.path, '.once'));
    mkdirSync(join(this.path, '.once'), { mode: 0o700 });
  }

  async removeTenant(tenant: string): Promise<void> {
    await removeFolder(this.#of(tenant));
    await removeFolder(this.snapshotsOf(tenant));
  }

  #of(tenant: string): string {
    return join(this.path, checked(tenant));
  }
}

const checked = (name: string): string => {
  if (!NAME.test(name)) throw new Error(`Not a name of a tenant or workspace: ${JSON.stringify(name.slice(0, 100))}`);
  return name;
};

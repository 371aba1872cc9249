import { existsSync, mkdirSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noWorkspace, snapshotProblem } from '../../../core/snapshot-bounds.ts';
import type { SandboxEnd, Snapshot, SnapshotTask } from '../../../ports/sandbox.ts';
import { copyFolder, folderBytes, removeFolder } from './folder-tree.ts';
import type { WorkspaceFolders } from './workspace-folders.ts';

/** What is known of a snapshot, beside its files. */
const ABOUT = 'about.json';
const FILES = 'files';

/**
 * Snapshots as folders that no command ever sees: `<tenant>/<name>`, with `about.json` and `files`. Each is made aside and moved to
 * its place, so that a task that was cut off is done once more by the next service.
 */
export class SnapshotFolders {
  readonly #workspaces: WorkspaceFolders;
  readonly #maxBytes: number;

  /** `maxBytes`: what a workspace may hold. */
  constructor(workspaces: WorkspaceFolders, maxBytes: number) {
    this.#workspaces = workspaces;
    this.#maxBytes = maxBytes;
  }

  /** Rejects when aborted: then it has happened whole, or not at all. */
  async carryOut(
    task: SnapshotTask,
    { id, signal }: { readonly id: string; readonly signal: AbortSignal },
  ): Promise<SandboxEnd> {
    const aside = this.#workspaces.aside(id);
    try {
      switch (task.kind) {
        case 'take':
          return await this.#take(task, { aside, signal });
        case 'restore':
          return await this.#restore(task, { aside, signal });
        case 'remove': {
          const existed = (await this.#look(task.tenant, task.snapshot)) !== undefined;
          // At once, so that no half of it is ever found.
          if (existed) await rename(this.#of(task.tenant, task.snapshot), aside);
          return { kind: 'removed', existed };
        }
        case 'list':
          return { kind: 'listed', snapshots: await this.#list(task.tenant) };
      }
    } finally {
      await removeFolder(aside);
    }
  }

  async #take(
    { tenant, workspace, snapshot: name }: Extract<SnapshotTask, { readonly kind: 'take' }>,
    { aside, signal }: Making,
  ): Promise<SandboxEnd> {
    const taken = await this.#look(tenant, name);
    if (taken !== undefined) return { kind: 'taken', snapshot: taken, workspace, isNew: false };
    const source = this.#workspaces.pathOf(tenant, workspace);
    if (!existsSync(source)) return refused('not_started', noWorkspace(workspace));
    const bytes = await folderBytes(source, this.#maxBytes);
    const problem = snapshotProblem(await this.#list(tenant), { bytes, maxBytes: this.#maxBytes });
    if (problem !== undefined) return refused('out_of_bounds', problem);
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    if (!(await this.#copied(source, join(aside, FILES), signal))) return refused('not_started', UNREADABLE);
    const about = { bytes, takenAt: Date.now() };
    await writeFile(join(aside, ABOUT), JSON.stringify(about), { flush: true });
    mkdirSync(this.#of(tenant), { recursive: true, mode: 0o700 });
    await rename(aside, this.#of(tenant, name));
    return { kind: 'taken', snapshot: { name, ...about }, workspace, isNew: true };
  }

  async #restore(
    { tenant, workspace, snapshot: name }: Extract<SnapshotTask, { readonly kind: 'restore' }>,
    { aside, signal }: Making,
  ): Promise<SandboxEnd> {
    const snapshot = await this.#look(tenant, name);
    if (snapshot === undefined) return { kind: 'restored' };
    const copied = await this.#copied(join(this.#of(tenant, name), FILES), aside, signal);
    if (!copied) return refused('not_started', UNREADABLE);
    const target = this.#workspaces.pathOf(tenant, workspace);
    await removeFolder(target);
    mkdirSync(join(target, '..'), { recursive: true, mode: 0o700 });
    await rename(aside, target);
    return { kind: 'restored', snapshot };
  }

  async #copied(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    try {
      await copyFolder(from, to, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      // The disk is full, or there is no such program: for the operator.
      if (!/ermission denied|name too long/i.test(String((error as { readonly stderr?: unknown }).stderr))) throw error;
      return false;
    }
  }

  async #look(tenant: string, name: string): Promise<Snapshot | undefined> {
    const path = join(this.#of(tenant, name), ABOUT);
    if (!existsSync(path)) return undefined;
    const { bytes, takenAt } = JSON.parse(await readFile(path, 'utf8')) as Omit<Snapshot, 'name'>;
    return { name, bytes, takenAt };
  }

  async #list(tenant: string): Promise<readonly Snapshot[]> {
    const folder = this.#of(tenant);
    const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
    const found = await Promise.all(names.map((name) => this.#look(tenant, name)));
    return found.filter((snapshot) => snapshot !== undefined);
  }

  #of(tenant: string, ...name: readonly string[]): string {
    return join(this.#workspaces.snapshotsOf(tenant), ...name);
  }
}

interface Making {
  /** Where it is made, in the same file system. */
  readonly aside: string;
  readonly signal: AbortSignal;
}

const UNREADABLE =
  'The workspace holds what it closed to its own user, or folders too deep to name: it was not copied.';

const refused = (reason: 'not_started' | 'out_of_bounds', message: string): SandboxEnd => ({
  kind: 'failed',
  reason,
  message,
});

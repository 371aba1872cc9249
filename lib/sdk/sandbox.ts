/** The types of `env.SANDBOX`: commands that run outside of the isolate. An addition of Tenon's. */

import type { Deferred, WorkflowTimeoutDuration } from './step.ts';

/** Where and how a command runs. */
export interface SandboxExecOptions {
  /**
   * Files of this name are there again for the next command that names it: `^[a-z0-9][a-z0-9-]{0,62}$`. Absent: an empty
   * folder that goes with the command.
   */
  workspace?: string;
  /** All of the environment beside `PATH`, `HOME` and `LANG`; at most 64 variables and 64 KiB. */
  env?: Record<string, string>;
  /**
   * From the command's start; at most an hour, or what the operator allows. The step stays open that long and an hour more,
   * which is for waiting until there is a place; its own `timeout` is for the callback, and need not be set.
   * @default '10 minutes'
   */
  timeout?: WorkflowTimeoutDuration;
  /** Only where the operator offers images. */
  image?: string;
}

/** How a command ended. */
export interface SandboxResult {
  /** A command that fails is a result as well: look here. 128 + the signal's number where a signal ended it. */
  exitCode: number;
  /** Both streams together about 1 MB at most; what is longer is cut in the middle, with a line that says so. */
  stdout: string;
  stderr: string;
}

/** An archive of a workspace, which never changes. */
export interface SandboxSnapshot {
  /** `^[a-z0-9][a-z0-9._-]{0,99}$`, of the tenant's own. */
  name: string;
  /** As it is stored: on AWS, compressed. */
  bytes: number;
  takenAt: Date;
}

/** A workspace kept under a name, which never changes. */
export interface TakenSnapshot extends SandboxSnapshot {
  /** What it was taken of. */
  workspace: string;
  /** False where the name was taken before: what it names was left as it is. */
  isNew: boolean;
}

/** Commands and what their workspaces hold. Each call is made in a step's callback, which returns what it gives. */
export interface Sandbox {
  /**
   * Starts a command; only in the callback of a step, which returns what it gives: the instance rests, and the command's end
   * is the step's result. In the callback itself there is no result to look at yet.
   * @param command program and arguments, at most 256 and 64 KiB; for a shell, `['bash', '-c', '...']`
   * @throws Error where the command or an option is not allowed, or the operator has not switched sandboxes on. The step's
   *   attempt fails with `SandboxTimeoutError` or `SandboxError` where the command did not come to its end, and with
   *   `WorkflowTimeoutError` where nothing was heard of it for an hour more than its `timeout`.
   */
  exec(command: readonly string[], options?: SandboxExecOptions): Promise<Deferred<SandboxResult>>;
  /**
   * Keeps a workspace as its last command left it; called as `exec` is, and so are the following.
   * @param options.name under which it is kept, such as one with the digest of a lock file. @default a random one
   * @throws Error as `exec`. The attempt fails with `SandboxError` and a code in the message: `snapshot.no_workspace` where no
   *   command has ended in such a workspace, `snapshot.too_large`, or `snapshot.quota_exceeded` where the tenant keeps too much
   */
  snapshot(workspace: string, options?: { name?: string }): Promise<Deferred<TakenSnapshot>>;
  /**
   * Makes a workspace what the snapshot is of, and nothing else; the result is `null`, and the workspace as it was, where there
   * is no such snapshot.
   * @param snapshot its name, or what taking it gave, which names the workspace as well
   */
  restore(
    snapshot: string | { readonly name: string; readonly workspace?: string },
    options?: { workspace?: string },
  ): Promise<Deferred<SandboxSnapshot | null>>;
  /** The result is whether there was one. */
  deleteSnapshot(snapshot: string | { readonly name: string }): Promise<Deferred<boolean>>;
  /** All of the tenant's, by name. */
  listSnapshots(): Promise<Deferred<SandboxSnapshot[]>>;
}

/**
 * Heavy steps: commands that run outside of the isolate, in a sandbox. What a command leaves is told later, by the token of
 * the deferred result that waits for it.
 */
export interface SandboxCommand {
  readonly kind: 'command';
  readonly tenant: string;
  /** Of the deferred result; whoever holds it may settle that, so it is never shown. */
  readonly token: string;
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** All that the command finds in its environment beside `PATH`, `HOME` and `LANG`. */
  readonly env: Readonly<Record<string, string>>;
  /** From its start on, not while it waits for its turn. */
  readonly timeoutMs: number;
  /** Files of this name are there again for the tenant's next command that names it. Absent: none are kept. */
  readonly workspace?: string;
  /** Only where the operator offers images. */
  readonly image?: string;
}

/**
 * What is done with snapshots: archives of workspaces under names of the tenant's, which never change. A name that is taken
 * stays what it is.
 */
export type SnapshotTask =
  | (SnapshotTaskBase & { readonly kind: 'take'; readonly snapshot: string; readonly workspace: string })
  | (SnapshotTaskBase & { readonly kind: 'restore'; readonly snapshot: string; readonly workspace: string })
  | (SnapshotTaskBase & { readonly kind: 'remove'; readonly snapshot: string })
  | (SnapshotTaskBase & { readonly kind: 'list' });

interface SnapshotTaskBase {
  readonly tenant: string;
  /** As of a command. */
  readonly token: string;
}

export type SandboxWork = SandboxCommand | SnapshotTask;

export interface Snapshot {
  readonly name: string;
  /** As it is stored. */
  readonly bytes: number;
  /** Epoch ms. */
  readonly takenAt: number;
}

export type SandboxFailureReason =
  | 'timed_out'
  /** It took more memory, disk or output than a command may. */
  | 'out_of_bounds'
  /** Its host went away under it, or what it left cannot be read. */
  | 'lost'
  | 'not_started';

/** A command that fails by itself has exited: only what kept it from ending is a failure. */
export type SandboxEnd =
  | {
      readonly kind: 'exited';
      /** 128 + the signal's number where a signal ended it. */
      readonly exitCode: number;
      /** Bounded, so that both together fit into a step's result; a line in the middle says how much was left out. */
      readonly stdout: string;
      readonly stderr: string;
      readonly isStdoutCut: boolean;
      readonly isStderrCut: boolean;
    }
  /** `isNew`: false where the name was taken before, and what it names was left as it is. */
  | { readonly kind: 'taken'; readonly snapshot: Snapshot; readonly workspace: string; readonly isNew: boolean }
  /** `undefined`: there is no such snapshot, and the workspace was left as it is. */
  | { readonly kind: 'restored'; readonly snapshot?: Snapshot }
  | { readonly kind: 'removed'; readonly existed: boolean }
  | { readonly kind: 'listed'; readonly snapshots: readonly Snapshot[] }
  | {
      readonly kind: 'failed';
      readonly reason: SandboxFailureReason;
      /** For the tenant. */
      readonly message: string;
    };

/** Hears how a command ended; told again until it has succeeded once, so it must bear being told twice. */
export type SandboxListener = (ended: {
  readonly tenant: string;
  readonly token: string;
  readonly end: SandboxEnd;
}) => Promise<void>;

export interface Sandbox {
  /**
   * Returns when the work has been accepted durably: from then on its end is told, whatever happens to the process. Once more
   * with a token whose work has not been settled yet does nothing.
   * @throws SandboxRefusal
   */
  start(work: SandboxWork): Promise<void>;
  /** Ends what the tenant's commands do and forgets all that they left; nothing is told. */
  removeTenant(tenant: string): Promise<void>;
}

/** The sandbox cannot or will not take the command; the message is for the tenant. */
export class SandboxRefusal extends Error {
  override readonly name = 'SandboxRefusal';
}

/** Where sandboxes are another service's: what one of them left. */
export interface SandboxResults {
  /** `job`: as the service names it. `undefined`: it was settled before. */
  read(job: {
    readonly name: string;
    /** Absent: it came to its end by itself. */
    readonly failure?: string;
  }): Promise<{ readonly tenant: string; readonly token: string; readonly end: SandboxEnd } | undefined>;
  /** The end has been told: what is only for that goes, what the next command of the workspace needs stays. */
  settle(name: string): Promise<void>;
}

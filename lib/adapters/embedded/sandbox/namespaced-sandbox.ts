import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../../../ports/blob-store.ts';
import {
  type Sandbox,
  type SandboxCommand,
  type SandboxEnd,
  type SandboxListener,
  SandboxRefusal,
  type SandboxWork,
  type SnapshotTask,
} from '../../../ports/sandbox.ts';
import { type CommandRecord, CommandRecords } from './command-records.ts';
import { type ContainedProcess, startContained } from './contained-process.ts';
import { FairQueue } from './fair-queue.ts';
import { findContainment } from './find-containment.ts';
import { type Containment, launchOf, type SandboxLimits } from './launch.ts';
import { SnapshotFolders } from './snapshot-folders.ts';
import { WorkspaceFolders } from './workspace-folders.ts';

export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  memoryBytes: 1_073_741_824,
  processes: 256,
  fileBytes: 1_073_741_824,
  workspaceBytes: 2_147_483_648,
  outputBytes: 67_108_864,
};

const MAX_WAITING = 100;
const TELL_AGAIN_MS = 1_000;
const TELL_AGAIN_MAX_MS = 60_000;

export interface NamespacedSandboxOptions {
  /** Of the data folder, its own. */
  readonly folder: string;
  /** Gets the whole log of a command as `<tenant>/sandbox/<id>.log`, at most 10 MB. */
  readonly blobs: BlobStore;
  readonly onEnd: SandboxListener;
  readonly onError: (error: unknown) => void;
  /** `false`: no new command is taken, and those of a start before that still wait end unstarted. @default true */
  readonly isOn?: boolean;
  /** Runs commands without containment where the machine has no way to contain them. @default false */
  readonly isUnsafeAllowed?: boolean;
  /** Commands at a time, of all tenants. @default as many as there are processors */
  readonly maxAtOnce?: number;
  readonly limits?: Partial<SandboxLimits>;
  /** How it is found out what contains a command here. @default by trying */
  readonly find?: typeof findContainment;
}

interface Job {
  readonly id: string;
  readonly tenant: string;
  readonly command: SandboxWork;
  process?: Pick<ContainedProcess, 'kill'>;
  /** Its tenant was removed: nobody is to hear of it. */
  isDropped?: true;
}

/**
 * Sandboxes on one machine: each command is a child in namespaces of its own, which sees the host's programs, its workspace
 * and nothing else (`docs/decisions/011-sandboxes.md`). Every command accepted is a file until its end has been told: what was
 * under way when the service went away ends as lost, what had not started is started.
 */
export class NamespacedSandbox implements Sandbox {
  readonly #options: NamespacedSandboxOptions;
  readonly #limits: SandboxLimits;
  readonly #maxAtOnce: number;
  readonly #folders: WorkspaceFolders;
  readonly #snapshots: SnapshotFolders;
  readonly #records: CommandRecords;
  readonly #queue = new FairQueue<Job>();
  readonly #running = new Map<Job, Promise<void>>();
  /** Accepted and not settled; resolved once that is durable. */
  readonly #known = new Map<string, Promise<void>>();
  readonly #tellingAgain = new Set<NodeJS.Timeout>();
  #containment: Promise<Containment | undefined> | undefined;
  #isClosed = false;

  constructor(options: NamespacedSandboxOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_SANDBOX_LIMITS, ...options.limits };
    this.#maxAtOnce = options.maxAtOnce ?? availableParallelism();
    this.#folders = new WorkspaceFolders(options.folder);
    this.#snapshots = new SnapshotFolders(this.#folders, this.#limits.workspaceBytes);
    this.#records = new CommandRecords(join(options.folder, '.commands'));
  }

  /** Takes up what was accepted before the last end of the service. Call it once its steps can be settled. */
  async open(): Promise<void> {
    await this.#folders.dropAllOnce();
    for (const [id, record] of await this.#records.readAll()) {
      this.#known.set(id, Promise.resolve());
      const job: Job = { id, tenant: record.command.tenant, command: record.command };
      if (record.kind === 'accepted' && this.#options.isOn !== false) this.#queue.add(job);
      else void this.#tell(job, endAfterRestart(record));
    }
    this.#startNext();
  }

  async start(command: SandboxWork): Promise<void> {
    if ((await this.#findContainment()) === undefined) throw new SandboxRefusal(CANNOT_CONTAIN);
    const id = createHash('sha256').update(command.token).digest('hex');
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { tenant } = command;
    if (this.#queue.countOf(tenant) >= MAX_WAITING) {
      throw new SandboxRefusal(`${MAX_WAITING} sandboxed commands of this tenant wait for their turn: no more fit.`);
    }
    const accepted = this.#records.write(id, { kind: 'accepted', command });
    this.#known.set(id, accepted);
    try {
      await accepted;
    } catch (error) {
      this.#known.delete(id);
      throw error;
    }
    this.#queue.add({ id, tenant, command });
    this.#startNext();
  }

  async removeTenant(tenant: string): Promise<void> {
    const jobs = [...this.#queue.removeTenant(tenant)];
    const ends: Promise<void>[] = [];
    for (const [job, ended] of this.#running) {
      if (job.tenant !== tenant) continue;
      job.isDropped = true;
      job.process?.kill(LOST);
      jobs.push(job);
      ends.push(ended);
    }
    await Promise.all(ends);
    await Promise.all(jobs.map((job) => this.#forget(job)));
    await this.#folders.removeTenant(tenant);
  }

  /** Ends what is under way; the next start tells that it was lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#tellingAgain) clearTimeout(timer);
    for (const job of this.#running.keys()) job.process?.kill(LOST);
    await Promise.all(this.#running.values());
  }

  /** Found out when it is first needed, and once. */
  #findContainment(): Promise<Containment | undefined> {
    this.#containment ??= this.#lookForContainment();
    return this.#containment;
  }

  async #lookForContainment(): Promise<Containment | undefined> {
    const { path: folder, root } = this.#folders;
    const found = await (this.#options.find ?? findContainment)({ folder, root, limits: this.#limits });
    if (found.kind === 'found') return found.containment;
    if (this.#options.isUnsafeAllowed === true) return 'none';
    this.#options.onError(new Error(`No way to contain sandboxed commands: ${found.details.join('; ')}`));
    return undefined;
  }

  #startNext(): void {
    while (!this.#isClosed && this.#running.size < this.#maxAtOnce) {
      const job = this.#queue.take((next) => !this.#isBusy(next));
      if (job === undefined) return;
      const ended = this.#run(job).catch((error) => this.#options.onError(error));
      this.#running.set(job, ended);
      void ended.then(() => {
        this.#running.delete(job);
        this.#startNext();
      });
    }
  }

  /** One at a time in a workspace, and with the tenant's snapshots: two would tread on each other's files. */
  #isBusy({ tenant, command }: Job): boolean {
    const others = [...this.#running.keys()].filter((job) => job.tenant === tenant);
    if (command.kind !== 'command' && others.some((job) => job.command.kind !== 'command')) return true;
    const workspace = workspaceOf(command);
    return workspace !== undefined && others.some((job) => workspaceOf(job.command) === workspace);
  }

  async #run(job: Job): Promise<void> {
    const end = await this.#endOf(job).catch((error): SandboxEnd => {
      this.#options.onError(error);
      return LOST;
    });
    // Closed before it began: it is started by the next service.
    if (end === undefined || job.isDropped) return;
    await this.#records.write(job.id, { kind: 'ended', command: job.command, end });
    if (!this.#isClosed) void this.#tell(job, end);
  }

  async #endOf(job: Job): Promise<SandboxEnd | undefined> {
    const { command } = job;
    return command.kind === 'command' ? this.#endOfCommand(job, command) : this.#endOfTask(job, command);
  }

  /** What was cut off is done once more by the next service. */
  async #endOfTask(job: Job, task: SnapshotTask): Promise<SandboxEnd | undefined> {
    const cutOff = new AbortController();
    job.process = { kill: () => cutOff.abort() };
    try {
      return await this.#snapshots.carryOut(task, { id: job.id, signal: cutOff.signal });
    } catch (error) {
      if (cutOff.signal.aborted) return undefined;
      throw error;
    }
  }

  async #endOfCommand(job: Job, command: SandboxCommand): Promise<SandboxEnd | undefined> {
    const { id } = job;
    const containment = await this.#findContainment();
    if (containment === undefined) return notStarted(CANNOT_CONTAIN);
    if (job.isDropped || this.#isClosed) return undefined;
    await this.#records.write(id, { kind: 'started', command });
    if (job.isDropped || this.#isClosed) return LOST;
    const workspace = this.#folders.make(command, id);
    const request = { ...command, root: this.#folders.root, workspace, limits: this.#limits };
    const { timeoutMs } = command;
    const process = startContained({
      launch: launchOf(containment, request),
      workspace,
      timeoutMs,
      limits: this.#limits,
    });
    job.process = process;
    const { end, log } = await process.ended;
    if (end.kind === 'failed' && end.reason === 'not_started') {
      this.#options.onError(new Error(`A sandbox could not be made: ${Buffer.from(log).toString('utf8')}`));
    } else if (!job.isDropped) {
      await this.#options.blobs.put(`${job.tenant}/sandbox/${id}.log`, log);
    }
    if (command.workspace === undefined) await this.#folders.dropOnce(id);
    return end;
  }

  async #tell(job: Job, end: SandboxEnd, againMs = TELL_AGAIN_MS): Promise<void> {
    try {
      await this.#options.onEnd({ tenant: job.tenant, token: job.command.token, end });
      await this.#forget(job);
    } catch (error) {
      this.#options.onError(error);
      if (this.#isClosed) return;
      const timer = setTimeout(() => {
        this.#tellingAgain.delete(timer);
        void this.#tell(job, end, Math.min(againMs * 2, TELL_AGAIN_MAX_MS));
      }, againMs);
      this.#tellingAgain.add(timer);
    }
  }

  async #forget({ id }: Job): Promise<void> {
    await this.#records.remove(id);
    this.#known.delete(id);
  }
}

const workspaceOf = (work: SandboxWork): string | undefined => ('workspace' in work ? work.workspace : undefined);

const notStarted = (message: string): SandboxEnd => ({ kind: 'failed', reason: 'not_started', message });

const LOST: Extract<SandboxEnd, { kind: 'failed' }> = {
  kind: 'failed',
  reason: 'lost',
  message: 'The sandbox was lost with its host.',
};

const CANNOT_CONTAIN =
  'env.SANDBOX is refused: this machine has no way to contain a command. Its operator can allow user namespaces to the ' +
  'service, install bubblewrap (bwrap), or start with --allow-unsafe-sandbox, which runs commands without containment.';

const endAfterRestart = (record: CommandRecord): SandboxEnd => {
  switch (record.kind) {
    case 'accepted':
      return notStarted('The command was not started: sandboxes have been switched off.');
    case 'started':
      return LOST;
    case 'ended':
      return record.end;
  }
};

import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { HOUR_MS, SECOND_MS } from '../../core/limits.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import {
  type Sandbox,
  type SandboxCommand,
  type SandboxListener,
  SandboxRefusal,
  type SandboxWork,
} from '../../ports/sandbox.ts';
import { S3Snapshots } from './s3-snapshots.ts';
import { commandText } from './sandbox-command-text.ts';
import {
  commandObject,
  emptyObject,
  jobObject,
  jobOf,
  resultObject,
  type SandboxJob,
  workspaceObject,
} from './sandbox-objects.ts';
import { emptyFolderArchive } from './tar-archive.ts';

/**
 * A build may wait half an hour for a machine and takes an hour and a quarter at most. A link also ends with the credentials that
 * signed it: those of a function's role last for hours, and of a session of the tenant role for less than one, so that this
 * is never made with the latter. A build whose link has ended fails, and its step is tried again with new ones.
 */
const LINKS_LAST_MS = 2 * HOUR_MS;

/**
 * Commands as executions of a state machine that starts a build (`lib/infra/sandbox-states.ts`). A workspace is an object, so that
 * a snapshot of it is a copy that S3 makes within the call: it is told before that returns.
 */
export class StatesSandbox implements Sandbox {
  readonly #states: SFNClient;
  readonly #stateMachine: string;
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #blobs: BlobStore;
  readonly #snapshots: S3Snapshots;
  readonly #onEnd: SandboxListener;

  constructor(params: {
    readonly states: SFNClient;
    /** Its ARN. */
    readonly stateMachine: string;
    /** Made by `makeS3Client`, which signs no checksum into a link. */
    readonly s3: S3Client;
    readonly bucket: string;
    /** Of the same bucket. */
    readonly blobs: BlobStore;
    /** Hears of snapshots; of commands hears `sandbox-finished`. */
    readonly onEnd: SandboxListener;
  }) {
    this.#states = params.states;
    this.#stateMachine = params.stateMachine;
    this.#s3 = params.s3;
    this.#bucket = params.bucket;
    this.#blobs = params.blobs;
    this.#snapshots = new S3Snapshots(params);
    this.#onEnd = params.onEnd;
  }

  async start(work: SandboxWork): Promise<void> {
    if (work.kind === 'command') return this.#startCommand(work);
    const { tenant, token } = work;
    await this.#onEnd({ tenant, token, end: await this.#snapshots.carryOut(work) });
  }

  /**
   * Objects go with all others of the tenant. What is under way finds its job gone, tells nobody, and ends by its time at the
   * latest.
   */
  async removeTenant(tenant: string): Promise<void> {
    await this.#blobs.removeAll(`${tenant}/sandbox/`);
  }

  async #startCommand(command: SandboxCommand): Promise<void> {
    if (command.image !== undefined) throw new SandboxRefusal('This platform offers no images.');
    const id = createHash('sha256').update(command.token).digest('hex');
    const job = jobOf(command.tenant, id);
    await this.#putJob(job, command);
    try {
      await this.#startExecution(id, JSON.stringify({ job, ...(await this.#links(job, command)) }));
    } catch (error) {
      // It does not run, and its variables are not to lie around.
      await this.#blobs.removeAll(`${job}/`).catch(() => {});
      throw error;
    }
  }

  async #putJob(job: string, command: SandboxCommand): Promise<void> {
    const { tenant, token, timeoutMs, workspace } = command;
    const kept: SandboxJob = { tenant, token, timeoutMs, ...(workspace === undefined ? {} : { workspace }) };
    await Promise.all([
      this.#blobs.put(jobObject(job), Buffer.from(JSON.stringify(kept))),
      this.#blobs.put(commandObject(job), Buffer.from(commandText(command))),
    ]);
  }

  async #links(job: string, command: SandboxCommand): Promise<object> {
    const workspace = await this.#workspaceFor(job, command);
    const Bucket = this.#bucket;
    const sign = (request: GetObjectCommand | PutObjectCommand): Promise<string> =>
      getSignedUrl(this.#s3, request, { expiresIn: LINKS_LAST_MS / SECOND_MS });
    const [commandUrl, workspaceUrl, resultUrl] = await Promise.all([
      sign(new GetObjectCommand({ Bucket, Key: commandObject(job) })),
      sign(new GetObjectCommand({ Bucket, Key: workspace })),
      sign(new PutObjectCommand({ Bucket, Key: resultObject(job) })),
    ]);
    return { commandUrl, workspaceUrl, resultUrl };
  }

  async #workspaceFor(job: string, { tenant, workspace }: SandboxCommand): Promise<string> {
    if (workspace !== undefined) {
      const kept = workspaceObject(tenant, workspace);
      if (await this.#blobs.has(kept)) return kept;
    }
    const empty = emptyObject(job);
    await this.#blobs.put(empty, emptyFolderArchive('workspace'));
    return empty;
  }

  async #startExecution(name: string, input: string): Promise<void> {
    try {
      await this.#states.send(new StartExecutionCommand({ stateMachineArn: this.#stateMachine, name, input }));
    } catch (error) {
      // Started before: only its links differ.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  }
}

import {
  CopyObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NotFound,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { noWorkspace, snapshotProblem } from '../../core/snapshot-bounds.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { SandboxEnd, Snapshot, SnapshotTask } from '../../ports/sandbox.ts';
import { MAX_ARCHIVE_BYTES, snapshotObject, snapshotOf, snapshotsPrefix, workspaceObject } from './sandbox-objects.ts';

/** Snapshots as copies of the archives that builds leave: S3 makes them, and no byte of them comes here. */
export class S3Snapshots {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #blobs: BlobStore;

  constructor(params: {
    readonly s3: S3Client;
    readonly bucket: string;
    /** Of the same bucket. */
    readonly blobs: BlobStore;
  }) {
    this.#s3 = params.s3;
    this.#bucket = params.bucket;
    this.#blobs = params.blobs;
  }

  async carryOut(task: SnapshotTask): Promise<SandboxEnd> {
    switch (task.kind) {
      case 'take':
        return this.#take(task);
      case 'restore': {
        const [from, to] = [snapshotObject(task.tenant, task.snapshot), workspaceObject(task.tenant, task.workspace)];
        const snapshot = await this.#look(task.tenant, task.snapshot);
        if (snapshot === undefined) return { kind: 'restored' };
        await this.#copy(from, to, {});
        return { kind: 'restored', snapshot };
      }
      case 'remove': {
        const existed = (await this.#look(task.tenant, task.snapshot)) !== undefined;
        if (existed) await this.#blobs.remove(snapshotObject(task.tenant, task.snapshot));
        return { kind: 'removed', existed };
      }
      case 'list':
        return { kind: 'listed', snapshots: await this.#list(task.tenant) };
    }
  }

  async #take({
    tenant,
    workspace,
    snapshot: name,
  }: Extract<SnapshotTask, { readonly kind: 'take' }>): Promise<SandboxEnd> {
    const [from, to] = [workspaceObject(tenant, workspace), snapshotObject(tenant, name)];
    const [taken, bytes, kept] = await Promise.all([
      this.#look(tenant, name),
      this.#head(from).then((head) => head?.bytes),
      this.#list(tenant),
    ]);
    if (taken !== undefined) return { kind: 'taken', snapshot: taken, workspace, isNew: false };
    if (bytes === undefined) return refused('not_started', noWorkspace(workspace));
    const problem = snapshotProblem(kept, { bytes, maxBytes: MAX_ARCHIVE_BYTES });
    if (problem !== undefined) return refused('out_of_bounds', problem);
    // Of two at a time under one name one is kept, and both are told of that.
    const isNew = await this.#copy(from, to, { IfNoneMatch: '*' });
    const snapshot = await this.#look(tenant, name);
    if (snapshot === undefined) return refused('lost', 'The snapshot was removed while it was taken.');
    return { kind: 'taken', snapshot, workspace, isNew };
  }

  async #look(tenant: string, name: string): Promise<Snapshot | undefined> {
    const head = await this.#head(snapshotObject(tenant, name));
    return head && { name, ...head };
  }

  async #head(key: string): Promise<Omit<Snapshot, 'name'> | undefined> {
    try {
      const head = await this.#s3.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return { bytes: head.ContentLength ?? 0, takenAt: head.LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** One page: more than it holds are never kept. */
  async #list(tenant: string): Promise<readonly Snapshot[]> {
    const page = await this.#s3.send(
      new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: snapshotsPrefix(tenant) }),
    );
    return (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
      name: snapshotOf(tenant, Key),
      bytes: Size,
      takenAt: LastModified?.getTime() ?? 0,
    }));
  }

  /** False where what it was conditional on did not hold. */
  async #copy(from: string, to: string, condition: { readonly IfNoneMatch?: string }): Promise<boolean> {
    const copy = { Bucket: this.#bucket, Key: to, CopySource: `${this.#bucket}/${from}`, ...condition };
    try {
      await this.#s3.send(new CopyObjectCommand(copy));
      return true;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
      throw error;
    }
  }
}

const refused = (reason: 'not_started' | 'out_of_bounds' | 'lost', message: string): SandboxEnd => ({
  kind: 'failed',
  reason,
  message,
});

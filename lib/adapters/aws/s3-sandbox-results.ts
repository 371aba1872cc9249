import { CopyObjectCommand, GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { SECOND_MS } from '../../core/limits.ts';
import { showStream } from '../../core/sandbox-output.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { SandboxEnd, SandboxResults } from '../../ports/sandbox.ts';
import { hasTimedOut } from './sandbox-command-text.ts';
import {
  isJob,
  jobObject,
  logObject,
  MAX_ARCHIVE_BYTES,
  resultObject,
  type SandboxJob,
  workspaceObject,
} from './sandbox-objects.ts';
import { inflateBeginning, leadingFiles } from './tar-archive.ts';

/** Compressed, and not: what comes before the workspace has 11 MB at most, and a link takes what the tenant likes. */
const READ_BYTES = 16_777_216;
const INFLATED_BYTES = 12_582_912;

interface Archive {
  readonly files: ReadonlyMap<string, Buffer>;
  /** Bytes of the whole. */
  readonly size: number;
}

/** What builds leave in the bucket. An archive is the tenant's own doing: it is read as far as it is bounded, and believed nothing. */
export class S3SandboxResults implements SandboxResults {
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

  async read({ name, failure }: Parameters<SandboxResults['read']>[0]): ReturnType<SandboxResults['read']> {
    if (!isJob(name)) throw new Error(`Not a job of the sandbox: ${JSON.stringify(name.slice(0, 200))}`);
    const text = await this.#blobs.get(jobObject(name));
    if (text === undefined) return undefined;
    // Whose it is tells the name alone: what lies below it may have been written by that tenant's own machine.
    const [tenant = ''] = name.split('/');
    const job: SandboxJob = { ...(JSON.parse(Buffer.from(text).toString('utf8')) as SandboxJob), tenant };
    const { token } = job;
    const end = failure === undefined ? await this.#takeResult(name, job) : buildFailed(failure);
    return { tenant, token, end };
  }

  async settle(name: string): Promise<void> {
    await this.#blobs.removeAll(`${name}/`);
  }

  async #takeResult(name: string, job: SandboxJob): Promise<SandboxEnd> {
    const archive = await this.#readArchive(resultObject(name));
    if (archive === undefined) return unreadable;
    const log = archive.files.get('output.log');
    if (log !== undefined) await this.#blobs.put(logObject(name), log);
    if (archive.size > MAX_ARCHIVE_BYTES) return tooLarge;
    const end = endOf(archive.files, job);
    if (end !== unreadable && job.workspace !== undefined) {
      // The archive is the next command's workspace: what stands before that in it is not looked at.
      await this.#s3.send(
        new CopyObjectCommand({
          Bucket: this.#bucket,
          Key: workspaceObject(job.tenant, job.workspace),
          CopySource: `${this.#bucket}/${resultObject(name)}`,
        }),
      );
    }
    return end;
  }

  async #readArchive(key: string): Promise<Archive | undefined> {
    try {
      const range = `bytes=0-${READ_BYTES - 1}`;
      const object = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, Range: range }));
      const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
      const size = Number(object.ContentRange?.split('/')[1] ?? bytes.length);
      return { files: leadingFiles(await inflateBeginning(bytes, INFLATED_BYTES)), size };
    } catch (error) {
      if (error instanceof NoSuchKey || isNoArchive(error)) return undefined;
      throw error;
    }
  }
}

/** Empty, or not compressed. */
const isNoArchive = (error: unknown): boolean =>
  (error as Error).name === 'InvalidRange' || `${(error as NodeJS.ErrnoException).code}`.startsWith('Z_');

const endOf = (files: ReadonlyMap<string, Buffer>, job: SandboxJob): SandboxEnd => {
  const exit = /^(\d{1,3}) (\d{1,6})\n$/.exec(files.get('exit-code')?.toString('latin1') ?? '');
  const stdout = streamOf(files, 'stdout');
  const stderr = streamOf(files, 'stderr');
  if (exit === null || stdout === undefined || stderr === undefined) return unreadable;
  const [code, seconds] = [Number(exit[1]), Number(exit[2])];
  if (hasTimedOut(job, { code, seconds })) {
    const message = `The command did not end within ${job.timeoutMs / SECOND_MS} s.`;
    return { kind: 'failed', reason: 'timed_out', message };
  }
  return {
    kind: 'exited',
    exitCode: code,
    stdout: stdout.text,
    stderr: stderr.text,
    isStdoutCut: stdout.isCut,
    isStderrCut: stderr.isCut,
  };
};

const streamOf = (files: ReadonlyMap<string, Buffer>, name: string): ReturnType<typeof showStream> | undefined => {
  const [head, tail] = [files.get(`${name}.head`), files.get(`${name}.tail`)];
  const size = /^(\d{1,15})\n$/.exec(files.get(`${name}.size`)?.toString('latin1') ?? '')?.[1];
  if (head === undefined || tail === undefined || size === undefined) return undefined;
  const leftOut = Math.max(0, Number(size) - head.length - tail.length);
  if (leftOut > 0) return showStream({ head: head.toString('utf8'), tail: tail.toString('utf8'), leftOut });
  // In one piece: a character may stand across the two.
  return showStream({ head: Buffer.concat([head, tail]).toString('utf8'), tail: '', leftOut: 0 });
};

const failed = (reason: 'lost' | 'out_of_bounds' | 'timed_out' | 'not_started', message: string): SandboxEnd => ({
  kind: 'failed',
  reason,
  message,
});

const unreadable = failed('lost', 'The command ended, and what it left cannot be read.');
const tooLarge = failed('out_of_bounds', 'The workspace holds more than 1 GiB, compressed: it was not kept.');

/** The cause is what the state machine was told: names of the account in it are not for the tenant. */
const buildFailed = (cause: string): SandboxEnd => {
  const status = /"BuildStatus"\s*:\s*"([A-Z_]+)"/.exec(cause)?.[1];
  if (status === 'TIMED_OUT') return failed('timed_out', 'The sandbox took longer than a build may.');
  if (status === undefined) return failed('not_started', 'The sandbox could not be started.');
  return failed('lost', 'The sandbox could not take its workspace in, or could not give its result back.');
};

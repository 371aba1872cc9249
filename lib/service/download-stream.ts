import { TenonError } from '../core/errors.ts';
import { MINUTE_MS } from '../core/limits.ts';
import type { StoredStream } from '../core/records.ts';
import { STREAM_PART_BYTES } from '../core/replay/streams.ts';
import type { DownloadGrant } from '../ports/downloads.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { streamName } from './stored-values.ts';

const LINK_MS = 5 * MINUTE_MS;

/** A link by which whoever holds it may read that stream for five minutes. `origin`: where the caller reached us. */
export const linkToStream = (
  deps: Pick<Dependencies, 'downloads' | 'clock'>,
  params: { readonly key: InstanceKey; readonly stream: StoredStream; readonly origin: string },
): Promise<string> => {
  const { key, stream, origin } = params;
  const grant: DownloadGrant = {
    blob: streamName(key, stream.stream),
    bytes: stream.bytes,
    fileName: `${key.id}.bin`,
    expiresAt: deps.clock.now() + LINK_MS,
  };
  return deps.downloads.sign(grant, origin);
};

export interface Download {
  readonly fileName: string;
  readonly bytes: number;
  /** Asked again and again until it gives no more: then the download is whole. @throws Error where the rest is gone */
  readonly next: () => Promise<Uint8Array | undefined>;
}

/** What a link to this service itself leads to. @throws TenonError `download.not_found` */
export const openDownload = async (
  deps: Pick<Dependencies, 'downloads' | 'clock' | 'blobs'>,
  token: string,
): Promise<Download> => {
  const grant = deps.downloads.verify(token);
  if (grant === undefined || grant.expiresAt <= deps.clock.now() || !(await deps.blobs.has(grant.blob))) {
    throw new TenonError(
      'download.not_found',
      'There is no such download, or its link has expired: ask for a new one where you got it.',
    );
  }
  const { blob, bytes, fileName } = grant;
  let from = 0;
  return {
    fileName,
    bytes,
    next: async () => {
      if (from >= bytes) return undefined;
      const part = await deps.blobs.getPart(blob, { from, maxBytes: STREAM_PART_BYTES });
      if (part === undefined || part.length === 0) throw new Error('A blob was removed while it was read');
      from += part.length;
      return part;
    },
  };
};

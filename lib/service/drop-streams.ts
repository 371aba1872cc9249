import { carriedValue } from '../core/carried-value.ts';
import type { JournalRecord } from '../core/records.ts';
import { isStoredStream } from '../core/replay/streams.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { streamName, streamPrefix } from './stored-values.ts';

/** The streams of a life that is over, but for those that the next one has kept. */
export const dropStreams = async (
  { blobs }: Pick<Dependencies, 'blobs'>,
  params: {
    readonly key: InstanceKey;
    readonly incarnation: string;
    readonly records: readonly JournalRecord[];
    readonly kept: readonly JournalRecord[];
  },
): Promise<void> => {
  const { key, incarnation, records } = params;
  const kept = new Set(streamsOf(params.kept));
  for (const stream of streamsOf(records)) if (!kept.has(stream)) await blobs.remove(streamName(key, stream));
  // What no record names, too: the life may have ended in the middle of one.
  if (kept.size === 0) await blobs.removeAll(`${streamPrefix(key)}${incarnation}/`);
};

const streamsOf = (records: readonly JournalRecord[]): readonly string[] =>
  records.flatMap((record) => {
    const value = carriedValue(record);
    return value !== undefined && isStoredStream(value) ? [value.stream] : [];
  });

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import type { JournalRecord, StoredStream } from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import { textOf } from '../../lib/core/replay/stream-parts.ts';
import { STREAM_PART_BYTES } from '../../lib/core/replay/streams.ts';
import type { StreamPart } from '../../lib/ports/turn-messages.ts';
import { streamName } from '../../lib/service/stored-values.ts';
import { TurnStreams } from '../../lib/service/turn-streams.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';

const KEY = { tenant: 'acme', workflow: 'W', id: 'one' };
const STEP = { kind: 'do', name: 'make', count: 1 } as const;
const OF = { step: STEP, ordinal: 1, attempt: 1 };

let folder: ReturnType<typeof makeFolder>;
let blobs: FileBlobStore;
let state: JournalState;
let ids: number;

const streamsOf = (maxBytes?: number): TurnStreams =>
  new TurnStreams(
    { blobs, randomness: { id: () => `id-${++ids}` } },
    { key: KEY, incarnation: 'life', state, ...(maxBytes !== undefined && { maxBytes }) },
  );

/** `content`: ASCII. */
const crossing = (content: string): string => textOf(new TextEncoder().encode(content));

const part = (content: string, more: Partial<StreamPart> = {}): StreamPart => ({
  kind: 'write_stream',
  callId: 7,
  step: STEP,
  attempt: 1,
  offset: 0,
  bytes: crossing(content),
  isLast: false,
  records: [],
  ...more,
});

const settled = (value: StoredStream | string, attempt = 1): Extract<JournalRecord, { kind: 'step_settled' }> => ({
  kind: 'step_settled',
  ...OF,
  attempt,
  startedAt: 1,
  at: 2,
  outcome: { ok: true, value },
});
const failed = (): Extract<JournalRecord, { kind: 'attempt_failed' }> => ({
  kind: 'attempt_failed',
  ...OF,
  startedAt: 1,
  at: 2,
  error: { name: 'Error', message: 'torn off' },
  retryAt: 3,
});
const started = (attempt = 1): JournalRecord => ({ kind: 'attempt_started', ...OF, attempt, at: 1 });

const contentOf = async (stream: string): Promise<string | undefined> => {
  const bytes = await blobs.get(streamName(KEY, stream));
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
};

/** Both parts of a stream whose settlement has not come yet. */
const written = async (streams: TurnStreams): Promise<StoredStream> => {
  await streams.write(part('one '));
  const answer = await streams.write(part('two', { offset: 4, isLast: true }));
  return { stream: answer?.ok === true ? answer.value : '', bytes: 7 };
};

beforeEach(() => {
  folder = makeFolder();
  blobs = new FileBlobStore(folder.path);
  state = new JournalState();
  state.apply(started());
  ids = 0;
});
afterEach(() => folder.remove());

describe('a stream that an attempt writes', () => {
  it('is there when its last part has come, and its place is told then', async () => {
    const streams = streamsOf();
    expect(await streams.write(part('one '))).toEqual({ kind: 'answer', callId: 7, ok: true, value: '' });
    expect(await contentOf('life/1/id-1')).toBeUndefined();
    const last = await streams.write(part('two', { offset: 4, isLast: true }));
    expect(last).toEqual({ kind: 'answer', callId: 7, ok: true, value: 'life/1/id-1' });
    expect(await contentOf('life/1/id-1')).toBe('one two');
  });

  it('keeps every byte as it is', async () => {
    const all = textOf(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    await streamsOf().write(part('', { bytes: all, isLast: true }));
    expect([...((await blobs.get(streamName(KEY, 'life/1/id-1'))) ?? [])]).toEqual([...Array(256).keys()]);
  });

  it.each<[what: string, of: Partial<StreamPart>]>([
    ['of another attempt', { attempt: 2 }],
    ['of a step that is not at work', { step: { ...STEP, name: 'other' } }],
    ['that does not begin at the beginning', { offset: 5 }],
    ['that is too long', { bytes: 'x'.repeat(STREAM_PART_BYTES + 1) }],
  ])('takes no first part %s', async (_, of) => {
    expect(await streamsOf().write(part('x', of))).toBeUndefined();
    expect(ids).toBe(0);
  });

  it('takes no part out of order, none after the last, and none after the settlement', async () => {
    const streams = streamsOf();
    await streams.write(part('one '));
    expect(await streams.write(part('one '))).toBeUndefined();
    expect(await streams.write(part('two', { offset: 5 }))).toBeUndefined();
    const { stream } = { stream: 'life/1/id-1' };
    await streams.write(part('two', { offset: 4, isLast: true }));
    expect(await streams.write(part('three', { offset: 7 }))).toBeUndefined();
    const record = settled({ stream, bytes: 7 });
    state.apply(record);
    await streams.endAttempt(record);
    expect(await streams.write(part('x'))).toBeUndefined();
    expect(await contentOf(stream)).toBe('one two');
  });

  it('takes no part of an attempt that was lost with its turn', async () => {
    state.apply({ kind: 'turn_failed', at: 2, cause: 'executor_lost', isCounted: true });
    expect(await streamsOf().write(part('x'))).toBeUndefined();
  });

  it('is stopped where the instance would store too much, and nothing of it remains', async () => {
    const streams = streamsOf(10);
    await streams.write(part('12345678'));
    const answer = await streams.write(part('901', { offset: 8, isLast: true }));
    expect(answer).toMatchObject({
      ok: false,
      error: { name: 'WorkflowFatalError', message: expect.stringMatching(/^Step "make-1" output is too large\./) },
    });
    expect(await streams.write(part('9', { offset: 8 }))).toBeUndefined();
    await streams.endAttempt(failed());
    await streams.end();
    expect(await contentOf('life/1/id-1')).toBeUndefined();
  });

  it('may fill what is left, together with those that the instance has', async () => {
    state.apply(settled({ stream: 'life/1/old', bytes: 6 }));
    const other = { step: { ...STEP, count: 2 }, ordinal: 2 };
    state.apply({ kind: 'attempt_started', ...OF, ...other, at: 3 });
    expect(await streamsOf(10).write(part('12345', { step: other.step }))).toMatchObject({ ok: false });
    expect(await streamsOf(10).write(part('1234', { step: other.step, isLast: true }))).toMatchObject({ ok: true });
  });

  it('goes with its attempt, whether it was written to the end or not', async () => {
    for (const isLast of [false, true]) {
      const streams = streamsOf();
      await streams.write(part('one', { isLast }));
      await streams.endAttempt(failed());
      expect(await contentOf(`life/1/id-${ids}`)).toBeUndefined();
    }
  });

  it('goes with a turn that ends before its settlement', async () => {
    const streams = streamsOf();
    const { stream } = await written(streams);
    await streams.end();
    expect(await contentOf(stream)).toBeUndefined();
  });

  it('goes where its settlement does not come into the journal, and stays where it does or nobody knows', async () => {
    for (const [outcome, isLeft] of [
      ['written', true],
      ['lost', false],
      ['unknown', true],
    ] as const) {
      const streams = streamsOf();
      const value = await written(streams);
      await streams.endAttempt(settled(value));
      if (outcome === 'written') streams.onWritten();
      if (outcome === 'lost') streams.onLost();
      await streams.end();
      expect((await contentOf(value.stream)) !== undefined).toBe(isLeft);
    }
  });

  it('goes when its step settles with something else', async () => {
    const streams = streamsOf();
    const { stream } = await written(streams);
    await streams.endAttempt(settled('[1]'));
    expect(await contentOf(stream)).toBeUndefined();
  });

  it('takes the place of what an attempt before it has left behind', async () => {
    await written(streamsOf());
    state.apply(failed());
    state.apply(started(2));
    await streamsOf().write(part('again', { attempt: 2, isLast: true }));
    expect(await contentOf('life/1/id-1')).toBeUndefined();
    expect(await contentOf('life/1/id-2')).toBe('again');
  });
});

describe('a settlement with a stream', () => {
  it('is true where its attempt has written that stream to the end', async () => {
    const streams = streamsOf();
    const value = await written(streams);
    expect(streams.vouchesFor(settled(value))).toBe(true);
    expect(streams.vouchesFor(settled('[1]'))).toBe(true);
    for (const forged of [
      { ...value, bytes: 8 },
      { ...value, stream: 'life/1/other' },
    ]) {
      expect(streams.vouchesFor(settled(forged))).toBe(false);
    }
    expect(streams.vouchesFor(settled(value, 2))).toBe(false);
  });

  it('is not true before the last part', async () => {
    const streams = streamsOf();
    await streams.write(part('one'));
    expect(streams.vouchesFor(settled({ stream: 'life/1/id-1', bytes: 3 }))).toBe(false);
  });
});

describe('a stream that is read again', () => {
  it('comes in parts, and there is none behind its end', async () => {
    const streams = streamsOf();
    const value = await written(streams);
    state.apply(settled(value));
    await streams.endAttempt(settled(value));
    const read = (from: number, step = STEP) =>
      streams.read({ kind: 'read_stream', callId: 3, step, from, records: [] });
    expect(await read(0)).toEqual({ kind: 'answer', callId: 3, ok: true, value: crossing('one two') });
    expect(await read(4)).toMatchObject({ value: crossing('two') });
    expect(await read(7)).toBeUndefined();
    expect(await read(0, { ...STEP, name: 'none' } as unknown as typeof STEP)).toBeUndefined();
  });

  it('that was removed meanwhile ends the turn', async () => {
    state.apply(settled({ stream: 'life/1/gone', bytes: 5 }));
    const message = { kind: 'read_stream', callId: 3, step: STEP, from: 0, records: [] } as const;
    await expect(streamsOf().read(message)).rejects.toThrow('missing');
  });
});

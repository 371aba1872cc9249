import { describe, expect, it } from 'vitest';
import { RefusedError, UnreachableError } from '../../lib/client/http-client.ts';
import { followStream, type StreamState } from '../../lib/web/api/event-stream.ts';

type Answer = Response | Error;

const sse = (...pieces: readonly string[]): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    }),
  );

const broken = (text: string): Response => {
  let isFirst = true;
  return new Response(
    new ReadableStream({
      pull: (controller) => {
        if (isFirst) controller.enqueue(new TextEncoder().encode(text));
        else controller.error(new TypeError('cut off'));
        isFirst = false;
      },
    }),
  );
};

const refused = (status: number): RefusedError =>
  new RefusedError({ status, code: 'a.code', title: 'no', detail: 'no' }, {});

/** Follows a server that answers as given, and has ended when it has answered all but the last of them. */
const follow = async (answers: readonly Answer[]) => {
  const seen = {
    ids: [] as (string | undefined)[],
    data: [] as string[],
    states: [] as StreamState[],
    waits: [] as number[],
  };
  const left = [...answers];
  await followStream({
    open: async (lastEventId) => {
      seen.ids.push(lastEventId);
      const answer = left.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error('was asked once too often');
    },
    onMessages: (messages) => seen.data.push(...messages.map(({ data }) => data)),
    onState: (state) => seen.states.push(state),
    isOver: () => left.length <= 1,
    signal: new AbortController().signal,
    wait: async (ms) => void seen.waits.push(ms),
  });
  return seen;
};

describe('following a stream', () => {
  it('goes on after the last event where a response ends after what there is, and ends with one that brings nothing', async () => {
    const { ids, data, states, waits } = await follow([
      sse('retry: 250\n\n', 'id: 4\ndata: a\n\n'),
      sse('id: 5\nda', 'ta: b\n\n'),
      sse('retry: 250\n\n'),
    ]);
    expect(ids).toEqual([undefined, '4', '5']);
    expect(data).toEqual(['a', 'b']);
    expect(waits).toEqual([250, 250]);
    expect(states).toEqual(['live', 'live', 'live', 'over']);
  });

  it('tells that it is cut off, waits longer each time, and goes on where it was', async () => {
    const gone = new UnreachableError('nobody answers');
    const { ids, data, states, waits } = await follow([
      broken('retry: 100\n\nid: 7\ndata: a\n\nid: 8\ndata: half'),
      gone,
      refused(503),
      sse('id: 8\ndata: b\n\n'),
      sse(''),
    ]);
    expect(ids).toEqual([undefined, '7', '7', '7', '8']);
    expect(data).toEqual(['a', 'b']);
    expect(waits).toEqual([200, 400, 800, 100]);
    expect(states).toEqual(['live', 'reconnecting', 'reconnecting', 'reconnecting', 'live', 'live', 'over']);
  });

  it('never waits for longer than ten seconds', async () => {
    const gone = Array.from({ length: 12 }, () => new UnreachableError('nobody answers'));
    const { waits } = await follow([...gone, sse(''), sse('')]);
    expect(Math.max(...waits)).toBe(10_000);
  });

  it('gives up where the server says no', async () => {
    await expect(follow([sse('id: 1\ndata: a\n\n'), refused(404), sse('')])).rejects.toBeInstanceOf(RefusedError);
  });

  it('ends without a word when nobody wants it any more', async () => {
    const abort = new AbortController();
    const states: StreamState[] = [];
    await followStream({
      open: async () => new Response(new ReadableStream({ start: () => {} })),
      onMessages: () => {},
      onState: (state) => {
        states.push(state);
        abort.abort();
      },
      isOver: () => false,
      signal: abort.signal,
    });
    expect(states).toEqual(['live']);
  });
});

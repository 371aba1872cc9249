import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnreachableError } from '../../lib/client/http-client.ts';
import type { Status, Step } from '../../lib/client/operations.ts';
import type { TenonClient } from '../../lib/client/tenon-client.ts';
import { followInstance, type InstanceFeed, type InstanceState } from '../../lib/web/instance/instance-feed.ts';

const PATH = { tenant: 't', workflow: 'W', id: 'i' };

const step = (name: string): Step => ({
  type: 'step',
  name,
  count: 1,
  status: 'completed',
  startedAt: '2026-11-25T12:00:00.000Z',
  endedAt: '2026-11-25T12:00:00.001Z',
  attempts: [],
});

/** A server with one instance: what it answers can be changed, and what is streamed is said by hand. */
class Server {
  status: Status = 'running';
  names = ['a'];
  /** Pages of steps behind the first ones, by cursor. */
  pages: Record<string, { names: readonly string[]; next?: string }> = {};
  isAway = false;
  readonly asked: string[] = [];
  #streams: ReadableStreamDefaultController<Uint8Array>[] = [];

  readonly client = {
    call: async (name: string, { query }: { readonly query?: { readonly cursor?: string } }) => {
      if (this.isAway) throw new UnreachableError('nobody answers');
      this.asked.push(query?.cursor ?? 'detail');
      if (name.endsWith('/steps')) {
        const { names, next } = this.pages[query?.cursor ?? ''] ?? { names: [] };
        return { steps: names.map(step), cursor: next };
      }
      const stepsCursor = Object.keys(this.pages)[0];
      return { status: this.status, steps: this.names.map(step), ...(stepsCursor !== undefined && { stepsCursor }) };
    },
    openStream: async () => {
      if (this.isAway) throw new UnreachableError('nobody answers');
      return new Response(new ReadableStream({ start: (stream) => void this.#streams.push(stream) }));
    },
  } as unknown as TenonClient;

  get streamCount(): number {
    return this.#streams.length;
  }

  say(event: string, id = 1): void {
    this.#streams.at(-1)?.enqueue(new TextEncoder().encode(`retry: 1\nid: ${id}\nevent: ${event}\ndata: {}\n\n`));
  }

  endStream(): void {
    this.#streams.at(-1)?.close();
  }
}

describe('following an instance', () => {
  let feed: InstanceFeed | undefined;
  let state: InstanceState | undefined;
  afterEach(() => feed?.stop());

  const follow = (server: Server): void => {
    const onState = (next: InstanceState) => {
      state = next;
    };
    feed = followInstance(server.client, PATH, { onState, isSeen: () => true });
  };
  const names = () => state?.steps.map(({ name }) => name);

  it('reads it anew when an event says that something has changed, and not for what was logged', async () => {
    const server = new Server();
    follow(server);
    await vi.waitFor(() => expect([names(), server.streamCount]).toEqual([['a'], 1]));
    server.say('log');
    server.names = ['a', 'b'];
    server.say('step_started', 2);
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    expect(server.asked).toEqual(['detail', 'detail']);
  });

  it('reads pages of steps that are over once, and again after a restart', async () => {
    const server = new Server();
    server.pages = { p1: { names: ['b'], next: 'p2' }, p2: { names: ['c'] } };
    follow(server);
    await vi.waitFor(() => expect(state?.hasMoreSteps).toBe(true));
    await feed?.loadMore();
    await feed?.loadMore();
    expect([names(), state?.hasMoreSteps]).toEqual([['a', 'b', 'c'], false]);
    expect(server.asked.filter((cursor) => cursor === 'p1')).toHaveLength(1);
    server.pages = { p1: { names: ['other'], next: 'p2' }, p2: { names: ['c'] } };
    server.say('workflow_queued');
    await vi.waitFor(() => expect(names()).toEqual(['a', 'other', 'c']));
  });

  it('says that it is over when all has been told, and begins another life when somebody has restarted it', async () => {
    const server = new Server();
    server.status = 'complete';
    follow(server);
    await vi.waitFor(() => expect(state?.instance?.status).toBe('complete'));
    server.say('workflow_completed');
    server.endStream();
    await vi.waitFor(() => expect(server.streamCount).toBe(2));
    server.endStream();
    await vi.waitFor(() => expect(state?.stream).toBe('over'));
    expect(state?.life).toBe(1);
    server.status = 'running';
    await feed?.refresh();
    expect([state?.life, server.streamCount]).toEqual([2, 3]);
  });

  it('reads it anew when the server is there again, whether anything has happened or not', async () => {
    const server = new Server();
    follow(server);
    await vi.waitFor(() => expect([names(), server.streamCount]).toEqual([['a'], 1]));
    server.say('log');
    server.isAway = true;
    server.endStream();
    await vi.waitFor(() => expect(state?.stream).toBe('reconnecting'));
    await feed?.refresh();
    expect(state?.error).toBeInstanceOf(UnreachableError);
    server.isAway = false;
    await vi.waitFor(() => expect([state?.stream, state?.error]).toEqual(['live', undefined]), { timeout: 5_000 });
  });
});

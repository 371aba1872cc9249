import { describe, expect, it } from 'vitest';
import { textOf } from '../../lib/core/replay/stream-parts.ts';
import { STREAM_PART_BYTES } from '../../lib/core/replay/streams.ts';
import type { GuestMessage } from '../../lib/ports/turn-messages.ts';
import { type Context, HandTurn, type Run, runOf } from './hand-host.ts';

type Written = Extract<GuestMessage, { kind: 'write_stream' }>;
type Read = Extract<GuestMessage, { kind: 'read_stream' }>;

const ONCE = { retries: { limit: 0, delay: 0 }, timeout: '1 minute' };

const streamOf = (...chunks: readonly unknown[]): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const crossing = (text: string): string => textOf(bytes(text));

const making =
  (make: () => ReadableStream): Run =>
  async (step) => {
    try {
      return await new Response((await step.do('make', ONCE, async () => make())) as ReadableStream).text();
    } catch (error) {
      return [(error as Error).name, (error as Error).message];
    }
  };

const writtenBy = (turn: HandTurn): readonly Written[] =>
  turn.messages.filter((message) => message.kind === 'write_stream');
const readBy = (turn: HandTurn): readonly Read[] => turn.messages.filter((message) => message.kind === 'read_stream');

/** Answers the last part of 'make' and what is read of it. */
const store = async (turn: HandTurn, content: string): Promise<HandTurn> => {
  await turn.answer(writtenBy(turn).at(-1)?.callId ?? 0, 'life/1/a');
  const read = readBy(turn).at(-1);
  return read === undefined ? turn : turn.answer(read.callId, crossing(content.slice(read.from)));
};

describe('a callback that returns a stream', () => {
  it('has its start recorded before the first part leaves, and settles after the last has been taken', async () => {
    const turn = await runOf(making(() => streamOf(bytes('one '), bytes('two'))));
    expect(turn.story).toEqual(['started', 'attempt_started make']);
    expect(writtenBy(turn)).toMatchObject([{ attempt: 1, offset: 0, bytes: crossing('one two'), isLast: true }]);
    await turn.answer(1, 'life/1/a');
    expect(turn.journal.at(-1)).toMatchObject({ outcome: { ok: true, value: { stream: 'life/1/a', bytes: 7 } } });
  });

  it('gives its next part when the one before has been taken', async () => {
    const turn = await runOf(making(() => streamOf(new Uint8Array(STREAM_PART_BYTES + 1))));
    expect(writtenBy(turn)).toMatchObject([{ offset: 0, isLast: false }]);
    await turn.answer(1, '');
    expect(writtenBy(turn)).toMatchObject([{}, { offset: STREAM_PART_BYTES, bytes: crossing('\u0000'), isLast: true }]);
  });

  it('gives a stream again, read on demand, the first time too', async () => {
    const turn = await runOf(making(() => streamOf(bytes('text'))));
    await store(turn, 'text');
    expect(readBy(turn)).toMatchObject([{ step: { name: 'make', count: 1 }, from: 0 }]);
    expect(turn.output).toBe('text');
  });

  it('gives the same on replay, and runs no callback again', async () => {
    const turn = await store(await runOf(making(() => streamOf(bytes('text')))), 'text');
    const again = await new HandTurn(
      making(() => {
        throw new Error('it ran again');
      }),
      turn.journal.slice(0, -1),
    ).drain();
    expect(writtenBy(again)).toEqual([]);
    await again.answer(1, crossing('te'));
    await again.answer(2, crossing('xt'));
    expect(readBy(again)).toMatchObject([{ from: 0 }, { from: 2 }]);
    expect(again.output).toBe('text');
  });

  it.each([
    ['texts', () => streamOf('text'), /"make".*no bytes/],
    ['objects', () => streamOf({}), /"make".*no bytes/],
    ['a chunk above 16 MiB', () => streamOf(new Uint8Array(16_777_217)), /"make".*16777217 bytes/],
    [
      'nothing, being locked',
      () => {
        const stream = streamOf(bytes('x'));
        stream.getReader();
        return stream;
      },
      /"make".*locked/,
    ],
  ])('fails for good where that gives %s', async (_, make, says) => {
    const turn = await runOf(making(make));
    for (let call = 1; writtenBy(turn).length >= call && !turn.isFinished; call++) await turn.answer(call, '');
    expect(turn.output).toEqual(['WorkflowFatalError', expect.stringMatching(says)]);
  });

  it('fails as its stream does', async () => {
    const torn = () =>
      new ReadableStream({
        pull: (controller) => controller.error(new RangeError('torn off')),
      });
    expect((await runOf(making(torn))).output).toEqual(['RangeError', 'torn off']);
  });

  it('fails for good where the dispatcher refuses a part, and its source is told', async () => {
    let told: unknown;
    const endless = () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(STREAM_PART_BYTES)),
        cancel: (reason) => {
          told = reason;
        },
      });
    const turn = await runOf(making(endless));
    const error = { name: 'WorkflowFatalError', message: 'too large' };
    turn.turn.onMessage({ kind: 'answer', callId: 1, ok: false, error });
    await turn.drain();
    expect(turn.output).toEqual(['WorkflowFatalError', 'too large']);
    expect(told).toMatchObject({ message: 'too large' });
  });

  it('times out while it writes: what is answered after that is nobody’s', async () => {
    const turn = await runOf(making(() => streamOf(bytes('x'))));
    await turn.pass(60_000);
    expect(turn.output).toEqual(['WorkflowTimeoutError', 'Execution timed out after 60000ms']);
    await turn.answer(1, 'life/1/a');
    expect(turn.story.filter((what) => what === 'step_settled make')).toHaveLength(1);
  });
});

it('a try that has read of a stream and failed is followed by one of another turn, which has a fresh one', async () => {
  const run: Run = async (step) => {
    const made = (await step.do('make', ONCE, async () => streamOf(bytes('text')))) as ReadableStream;
    const retries = { retries: { limit: 1, delay: 10, backoff: 'constant' }, timeout: '1 minute' };
    return step.do('look', retries, async ({ attempt }: Context) => {
      const text = await new Response(made).text();
      if (attempt === 1) throw new Error('torn off');
      return text;
    });
  };
  const turn = await runOf(run);
  await turn.answer(1, 'life/1/a');
  await turn.answer(2, crossing('text'));
  await turn.pass(100);
  expect(turn.said.at(-1)).toBe('yield');
  const again = await new HandTurn(run, turn.journal, { time: turn.time }).drain();
  await again.answer(1, crossing('text'));
  expect(again.output).toBe('text');
});

it('no settlement comes to run() while it waits for a part, so that a replay keeps the order (E4)', async () => {
  const run: Run = async (step) => {
    const order: string[] = [];
    const made = (await step.do('make', ONCE, async () => streamOf(bytes('text')))) as ReadableStream;
    const rest = step.sleep('rest', 10).then(() => order.push('slept'));
    await new Response(made).text();
    order.push('read');
    await rest;
    return order;
  };
  const turn = await runOf(run);
  await turn.answer(1, 'life/1/a');
  await turn.pass(100);
  expect(turn.story).toContain('sleep_completed rest');
  await turn.answer(2, crossing('text'));
  expect(turn.output).toEqual(['read', 'slept']);
  const again = await new HandTurn(run, turn.journal.slice(0, -1)).drain();
  await again.answer(1, crossing('text'));
  expect(again.output).toEqual(['read', 'slept']);
});

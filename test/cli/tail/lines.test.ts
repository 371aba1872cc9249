import { describe, expect, it } from 'vitest';
import { chooseInstances, type Listed } from '../../../lib/cli/tail/choose-instances.ts';
import { eventLine, type ToldEvent } from '../../../lib/cli/tail/event-lines.ts';
import { MergeByTime } from '../../../lib/cli/tail/merge-by-time.ts';
import { requestLines } from '../../../lib/cli/tail/request-lines.ts';
import { isShown, lineText, type TailFilter, type TailLine } from '../../../lib/cli/tail/tail-line.ts';

const at = (second: number): string => `2026-11-20T12:00:0${second}.000Z`;
const plain = (line: TailLine): string => lineText(line, (_style, text) => text);

const told = (event: Partial<ToldEvent>): TailLine => {
  const line = eventLine({ type: 'log', timestamp: at(1), ...event }, { workflow: 'W', id: 'i' });
  if (line === undefined) throw new Error('no line');
  return line;
};

describe('a line of a tail', () => {
  it('says when, who, in which step and attempt, and what', () => {
    expect(plain(told({ level: 'warn', message: 'no answer', stepName: 'ask-1', attempt: 2 }))).toBe(
      '12:00:01.000Z  W i  [ask-1 #2]  warn   no answer',
    );
    expect(plain(told({ type: 'workflow_queued' }))).toBe('12:00:01.000Z  W i  info   begins');
  });

  it('tells what was thrown and when it is tried again, and how an instance ended', () => {
    const error = { name: 'TypeError', message: 'no' };
    const failed = told({ type: 'attempt_errored', stepName: 'ask-1', attempt: 1, error, retryDelayMs: 1_500 });
    expect(plain(failed)).toBe('12:00:01.000Z  W i  [ask-1]  failed (again in 1.5 s): TypeError: no');
    expect(plain(told({ type: 'workflow_errored', error }))).toBe('12:00:01.000Z  W i  errored: TypeError: no');
    expect(plain(told({ type: 'workflow_completed' }))).toBe('12:00:01.000Z  W i  complete');
  });

  it('of a request are what it said, each at its time, and its end', () => {
    const request = {
      ...{ time: at(1), durationMs: 1_000, method: 'GET', path: '/page', status: 502 },
      lines: [{ time: at(1), level: 'log' as const, message: 'came' }],
      error: { name: 'TypeError', message: 'no such page' },
    };
    const lines = requestLines(request);
    expect(lines.map(plain)).toEqual([
      '12:00:01.000Z  GET /page  log    came',
      '12:00:02.000Z  GET /page  502  1 s  threw TypeError: no such page',
    ]);
    expect(new Set(lines.map((line) => line.told))).toEqual(new Set([{ kind: 'request', ...request }]));
  });
});

describe('what a tail shows', () => {
  const lines = [
    told({ message: 'calm' }),
    told({ level: 'error', message: 'loud' }),
    told({ type: 'workflow_completed' }),
    told({ type: 'workflow_errored', error: { name: 'Error', message: 'broken' } }),
  ];
  const shown = (filter: TailFilter): number[] =>
    lines.flatMap((line, index) => (isShown(line, filter) ? [index] : []));

  it('is everything, or a level and above, an outcome, a text, or all of these', () => {
    expect(shown({})).toEqual([0, 1, 2, 3]);
    expect(shown({ level: 'warn' })).toEqual([1, 3]);
    expect(shown({ outcome: 'ok' })).toEqual([2]);
    expect(shown({ outcome: 'error' })).toEqual([3]);
    expect(shown({ search: 'lou' })).toEqual([1]);
    expect(shown({ search: 'W i', level: 'error', outcome: 'error' })).toEqual([3]);
  });
});

describe('whom a tail follows', () => {
  const one = (id: string, status: string, second: number): Listed => ({
    workflow: 'W',
    id,
    status,
    version: 'v1',
    createdAt: at(second),
  });
  const listed = [
    one('sleeper', 'waiting', 8),
    one('old', 'complete', 2),
    one('quick', 'complete', 6),
    one('busy', 'running', 1),
    one('told', 'errored', 7),
  ];
  const choose = (max: number) => {
    const isTold = ({ id }: Listed): boolean => id === 'told';
    const { chosen, leftOut } = chooseInstances({ listed, since: Date.parse(at(5)), max, isTold });
    return [...chosen.map(({ id }) => id), leftOut];
  };

  it('is who is at work or began since, then who waits, and nobody who ended before or was told to the end', () => {
    expect(choose(10)).toEqual(['quick', 'busy', 'sleeper', 0]);
  });

  it('is bounded, and it is known how many there is no room for', () => {
    expect(choose(2)).toEqual(['quick', 'busy', 1]);
  });
});

describe('lines from many places', () => {
  it('come in the order of their time, and those of one place in its own', () => {
    const given: string[] = [];
    const merged = new MergeByTime<{ time: string; source: string; text: string }>(({ text }) => given.push(text));
    const line = (source: string, second: number, text: string) => ({ source, time: at(second), text });
    merged.add([line('a', 3, 'a1'), line('a', 2, 'a2'), line('a', 5, 'a3')]);
    merged.add([line('b', 1, 'b1'), line('b', 4, 'b2')]);
    merged.flush();
    expect(given).toEqual(['b1', 'a1', 'a2', 'b2', 'a3']);
  });
});

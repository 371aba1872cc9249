import { describe, expect, it } from 'vitest';
import type { LogLine, Status, Step } from '../../lib/client/operations.ts';
import { unavailableActions } from '../../lib/web/instance/available-actions.ts';
import { appendLines, filterLines } from '../../lib/web/instance/log-lines.ts';
import { readPayload } from '../../lib/web/instance/payload.ts';
import { codeFrame, frameOfLine, stackPlace } from '../../lib/web/instance/stack-place.ts';

const STEP: Step = { type: 'step', name: 's', count: 1, status: 'completed', startedAt: '', attempts: [] };

describe('what can be done with an instance', () => {
  it.each<[Status, readonly string[]]>([
    ['queued', ['restartFrom', 'resume']],
    ['running', ['restartFrom', 'resume']],
    ['waiting', ['restartFrom', 'resume']],
    ['rollingBack', ['restartFrom', 'resume']],
    ['paused', ['pause', 'restartFrom']],
    ['waitingForPause', ['pause', 'restartFrom']],
    ['complete', ['pause', 'restartFrom', 'resume', 'send', 'terminate']],
    ['errored', ['pause', 'restartFrom', 'resume', 'send', 'terminate']],
    ['terminated', ['pause', 'restartFrom', 'resume', 'send', 'terminate']],
  ])('depends on its status: %s', (status, unavailable) => {
    expect(Object.keys(unavailableActions(status, undefined)).sort()).toEqual(unavailable);
  });

  it('is a restart from a selected step, but for what undoes one', () => {
    expect(unavailableActions('complete', STEP).restartFrom).toBeUndefined();
    expect(unavailableActions('complete', { ...STEP, type: 'rollback' }).restartFrom).toMatch(/^A rollback/);
  });
});

describe('a place in a stack', () => {
  it('is the innermost one', () => {
    const stack = 'TypeError: x (y:1:2)\n    at compute (lib/sum.ts:6:12)\n    at W.run (index.ts:13:17)';
    expect(stackPlace(stack)).toEqual({ file: 'lib/sum.ts', line: 6, column: 12 });
    expect(stackPlace('Error\n    at index.ts:3:4')).toEqual({ file: 'index.ts', line: 3, column: 4 });
    expect(stackPlace('Error\n    at async W.run (index.ts:3:4)')).toEqual({ file: 'index.ts', line: 3, column: 4 });
  });

  it('is not there where no line names one', () => {
    expect(stackPlace(undefined)).toBeUndefined();
    expect(stackPlace('Error: at night (a:b)\n    at <anonymous>')).toBeUndefined();
  });

  it('is shown with the lines around it, as far as there are any, without the indent that all of them have', () => {
    const source = '    one\r\n      two\n\n    four';
    expect(codeFrame(source, 1, 1)).toEqual({
      lines: [
        { number: 1, text: 'one', isPlace: true },
        { number: 2, text: '  two', isPlace: false },
      ],
      indent: 4,
    });
    expect(codeFrame(source, 4, 1).lines.map(({ number }) => number)).toEqual([3, 4]);
    expect(codeFrame(source, 5)).toEqual({ lines: [], indent: 0 });
    expect(frameOfLine({ file: 'a.ts', line: 7, column: 3 }, '  go();')).toEqual({
      lines: [{ number: 7, text: 'go();', isPlace: true }],
      indent: 2,
    });
  });
});

describe('log lines', () => {
  const line = (eventId: number, more: Partial<LogLine> = {}): LogLine => ({
    eventId,
    time: '',
    level: 'log',
    message: `m${eventId}`,
    ...more,
  });

  it('are added, and begin anew with another life', () => {
    const two = appendLines([line(1)], [line(3)]);
    expect(two.map(({ eventId }) => eventId)).toEqual([1, 3]);
    expect(appendLines(two, [line(2), line(4)]).map(({ eventId }) => eventId)).toEqual([2, 4]);
    expect(appendLines(two, [line(5), line(1), line(2)]).map(({ eventId }) => eventId)).toEqual([1, 2]);
  });

  it('are kept up to ten thousand, the newest', () => {
    const many = appendLines(
      [],
      Array.from({ length: 10_001 }, (_, at) => line(at + 1)),
    );
    expect([many.length, many[0]?.eventId]).toEqual([10_000, 2]);
  });

  it('are filtered by level, by step and by text', () => {
    const lines = [line(1), line(2, { level: 'error', step: 'a-1' }), line(3, { level: 'warn', message: 'Stock' })];
    const ids = (wanted: Parameters<typeof filterLines>[1]) => filterLines(lines, wanted).map(({ eventId }) => eventId);
    expect(ids({ minLevel: 'debug', text: '', step: undefined })).toEqual([1, 2, 3]);
    expect(ids({ minLevel: 'warn', text: '', step: undefined })).toEqual([2, 3]);
    expect(ids({ minLevel: 'debug', text: ' stock', step: undefined })).toEqual([3]);
    expect(ids({ minLevel: 'debug', text: '', step: 'a-1' })).toEqual([2]);
  });
});

describe('the payload of an event', () => {
  it('is nothing, JSON, or told to be none', () => {
    expect(readPayload(' \n')).toEqual({ kind: 'none' });
    expect(readPayload('{"a":[1]}')).toEqual({ kind: 'json', value: { a: [1] } });
    expect(readPayload('null')).toEqual({ kind: 'json', value: null });
    expect(readPayload('{a}')).toMatchObject({
      kind: 'malformed',
      problem: expect.stringMatching(/^This is no JSON: /),
    });
  });
});

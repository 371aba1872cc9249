import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import { TurnLogs } from '../../lib/service/turn-logs.ts';

const line = (message: string): LogLine => ({ at: 5, level: 'log', message });
const logs = (lines: readonly LogLine[], dropped = 0) => ({ kind: 'logs', lines, dropped }) as const;

describe('what a turn has said', () => {
  it('is one record with the next append, and then nothing', () => {
    const turn = new TurnLogs();
    const state = new JournalState();
    turn.add(logs([line('one')]), 5);
    turn.add(logs([line('two')]), 6);
    expect(turn.take(state, 7)).toEqual([{ kind: 'logged', at: 0, lines: [line('one'), line('two')] }]);
    expect(turn.take(state, 8)).toEqual([]);
  });

  it('is written by itself after a second, or when there is much of it', () => {
    const turn = new TurnLogs();
    expect(turn.isDue(10_000)).toBe(false);
    turn.add(logs([line('one')]), 5);
    expect([turn.isDue(1_004), turn.isDue(1_005)]).toEqual([false, true]);
    turn.add(logs([line('x'.repeat(32_768))]), 6);
    expect(turn.isDue(6)).toBe(true);
  });

  it('is kept up to a mebibyte an instance, and one line says how many more there were', () => {
    const turn = new TurnLogs();
    const state = new JournalState();
    state.logChars = 1_048_570;
    turn.add(logs([line('123456'), line('7'), line('8')], 3), 5);
    const [record] = turn.take(state, 9);
    expect(record).toMatchObject({ lines: [line('123456'), { at: 9, level: 'warn' }] });
    expect(JSON.stringify(record)).toContain('5 lines were dropped');
    turn.add(logs([], 1), 5);
    expect(JSON.stringify(turn.take(state, 9))).toContain('1 line was dropped');
  });
});

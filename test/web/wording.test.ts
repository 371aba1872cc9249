import { describe, expect, it } from 'vitest';
import { lengthText, sizeText } from '../../lib/client/wording.ts';
import { waitText } from '../../lib/web/text/wait-text.ts';
import { moneyText, relativeText, wordsOf } from '../../lib/web/text/wording.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const at = (ms: number): string => new Date(NOW + ms).toISOString();

describe('what the page says', () => {
  it('gives lengths in their two largest units', () => {
    expect([7, 1_500, 182_000, 3_600_000, 601_200_000].map(lengthText)).toEqual([
      '7 ms',
      '1.5 s',
      '3 min 2 s',
      '1 h',
      '6 d 23 h',
    ]);
  });

  it('tells the past from what is to come', () => {
    expect([-90_000, -400, 400, 7_250].map((ms) => relativeText(at(ms), NOW))).toEqual([
      '1 min 30 s ago',
      'now',
      'now',
      'in 7 s',
    ]);
  });

  it('keeps the digits of small amounts and drops those of large ones', () => {
    expect([0, 0.000213, 0.167993, 12.4, 1_234.5].map((amount) => moneyText(amount, 'USD'))).toEqual([
      '$0.00',
      '$0.000213',
      '$0.168',
      '$12.40',
      '$1,234.50',
    ]);
  });

  it('gives sizes and the words of a status', () => {
    expect([12, 3_400, 5_600_000].map(sizeText)).toEqual(['12 bytes', '3.4 kB', '5.6 MB']);
    expect(wordsOf('waitingForPause')).toBe('waiting for pause');
  });

  it('says what an instance waits for, and when it goes on or gives up', () => {
    expect(waitText({ kind: 'sleep', name: 'a week', until: at(60_000) }, NOW)).toBe('sleep “a week”, in 1 min');
    expect(waitText({ kind: 'event', name: 'yes', eventType: 'approval', until: at(60_000) }, NOW)).toBe(
      'event approval, gives up in 1 min',
    );
    expect(waitText({ kind: 'retry', name: 'charge' }, NOW)).toBe('retry of “charge”');
    expect(waitText({ kind: 'deferred', name: 'charge' }, NOW)).toBe('result of “charge”');
    expect(waitText({ kind: 'approval', name: 'charge' }, NOW)).toBe('approval of “charge”');
  });
});

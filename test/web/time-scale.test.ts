import { describe, expect, it } from 'vitest';
import type { Segment, SegmentKind } from '../../lib/web/instance/step-segments.ts';
import { makeTimeScale, ticksOf } from '../../lib/web/instance/time-scale.ts';

const DAY_MS = 86_400_000;

const segment = (kind: SegmentKind, startAt: number, endAt: number): Segment => ({
  kind,
  startAt,
  endAt,
  state: 'ok',
  title: '',
});

const scaleOf = (segments: readonly Segment[], endAt: number, isToScale = false) =>
  makeTimeScale(segments, { startAt: 0, endAt }, { isToScale, gapShare: 0.1 });

describe('the axis of time', () => {
  it('draws work to scale', () => {
    const scale = scaleOf([segment('attempt', 0, 50), segment('attempt', 50, 200)], 200);
    expect(scale.gaps).toEqual([]);
    expect([0, 50, 200].map(scale.placeOf)).toEqual([0, 0.25, 1]);
  });

  it('cuts a sleep of 30 days short, so that the milliseconds around it can be seen', () => {
    const wakeAt = 40 + 30 * DAY_MS;
    const segments = [segment('attempt', 0, 40), segment('sleep', 40, wakeAt), segment('attempt', wakeAt, wakeAt + 60)];
    const scale = scaleOf(segments, wakeAt + 60);
    expect(scale.gaps).toHaveLength(1);
    expect(scale.gaps[0]).toMatchObject({ startAt: 40, endAt: wakeAt });
    expect(scale.placeOf(40)).toBeCloseTo(0.36);
    expect(scale.placeOf(40 + 15 * DAY_MS)).toBeCloseTo(0.41);
    expect(scale.placeOf(wakeAt)).toBeCloseTo(0.46);
    expect(scale.placeOf(wakeAt + 60)).toBeCloseTo(1);
  });

  it('does not where it shall be to scale', () => {
    const segments = [segment('attempt', 0, 40), segment('sleep', 40, DAY_MS)];
    const scale = scaleOf(segments, DAY_MS, true);
    expect(scale.gaps).toEqual([]);
    expect(scale.placeOf(DAY_MS / 2)).toBe(0.5);
  });

  it('cuts nothing in which an attempt is at work beside the sleep', () => {
    const segments = [segment('sleep', 0, DAY_MS), segment('attempt', 0, DAY_MS)];
    expect(scaleOf(segments, DAY_MS).gaps).toEqual([]);
  });

  it('cuts the idle time around a short attempt within a long sleep', () => {
    const segments = [segment('sleep', 0, DAY_MS), segment('attempt', 1_000_000, 1_000_500)];
    const scale = scaleOf(segments, DAY_MS);
    expect(scale.gaps.map(({ startAt, endAt }) => [startAt, endAt])).toEqual([
      [0, 1_000_000],
      [1_000_500, DAY_MS],
    ]);
    expect(scale.placeOf(1_000_500) - scale.placeOf(1_000_000)).toBeCloseTo(0.8);
  });

  it('leaves pauses that are not much longer than the work as they are', () => {
    expect(scaleOf([segment('attempt', 0, 100), segment('backoff', 100, 300)], 300).gaps).toEqual([]);
  });

  it('leaves pauses that are no longer than the blink of an eye as they are', () => {
    expect(scaleOf([segment('attempt', 0, 2), segment('wait', 2, 90)], 90).gaps).toEqual([]);
  });

  it('gives many gaps half of the line together', () => {
    const segments = Array.from({ length: 20 }, (_, at) => [
      segment('attempt', at * DAY_MS, at * DAY_MS + 10),
      segment('sleep', at * DAY_MS + 10, (at + 1) * DAY_MS),
    ]).flat();
    const scale = scaleOf(segments, 20 * DAY_MS);
    const share = scale.gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(share).toBeLessThanOrEqual(0.5 + 1e-9);
  });

  it('cuts nothing where nothing has been at work', () => {
    const scale = scaleOf([segment('sleep', 10, DAY_MS)], DAY_MS);
    expect(scale.gaps).toEqual([]);
    expect([scale.placeOf(0), scale.placeOf(DAY_MS)]).toEqual([0, 1]);
  });

  it('has the whole line for gaps where work took no time, and stays within it for every instant', () => {
    const scale = scaleOf([segment('attempt', 0, 0), segment('sleep', 0, DAY_MS)], DAY_MS);
    expect(scale.gaps).toHaveLength(1);
    expect([scale.placeOf(0), scale.placeOf(DAY_MS)]).toEqual([0, 1]);
    expect([scale.placeOf(-1), scale.placeOf(2 * DAY_MS)]).toEqual([0, 1]);
    expect(scaleOf([], 0).placeOf(0)).toBe(0);
  });

  it('never goes back, whatever the segments are', () => {
    const segments = [
      segment('attempt', 0, 30),
      segment('wait', 10, 5_000_000),
      segment('attempt', 4_000_000, 4_000_100),
      segment('sleep', 4_000_100, 9_000_000),
    ];
    const scale = scaleOf(segments, 9_000_000);
    const places = Array.from({ length: 1_001 }, (_, at) => scale.placeOf(at * 9_000));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});

describe('the ticks of the axis', () => {
  it('are at round times and far enough apart', () => {
    const ticks = ticksOf(scaleOf([segment('attempt', 0, 1_000)], 1_000), 0.15);
    expect(ticks.map(({ label }) => label)).toEqual(['0', '200 ms', '400 ms', '600 ms', '800 ms']);
  });

  it('go on after a gap with the time since the start, and leave the gap free', () => {
    const wakeAt = DAY_MS;
    const segments = [
      segment('attempt', 0, 100),
      segment('sleep', 100, wakeAt),
      segment('attempt', wakeAt, wakeAt + 100),
    ];
    const scale = scaleOf(segments, wakeAt + 100);
    const [gap] = scale.gaps;
    for (const { place } of ticksOf(scale, 0.1)) {
      expect(place < (gap?.from ?? 0) || place > (gap?.to ?? 1)).toBe(true);
    }
  });
});

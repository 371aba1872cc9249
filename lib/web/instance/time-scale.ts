import { lengthText } from '../../client/wording.ts';
import type { Segment } from './step-segments.ts';

/**
 * Instants as places on a line from 0 to 1. Stretches in which nothing is at work may be drawn shorter than they are: a sleep of 30
 * days would leave nothing of the milliseconds around it.
 */
export interface TimeScale {
  readonly startAt: number;
  readonly endAt: number;
  /** Where time is cut short, in order. */
  readonly gaps: readonly Gap[];
  placeOf(at: number): number;
}

export interface Gap {
  readonly startAt: number;
  readonly endAt: number;
  readonly from: number;
  readonly to: number;
}

export interface Tick {
  readonly place: number;
  readonly label: string;
}

interface Stretch {
  readonly startAt: number;
  readonly endAt: number;
}

/** What all gaps together take of the line, at most. */
const ALL_GAPS_SHARE = 0.5;
/** Idle time is cut where it is so many times as long as all work together, and long enough to be worth a mark. */
const CUT_FROM = 2;
const CUT_FROM_MS = 100;

export interface ScaleOptions {
  readonly isToScale: boolean;
  /** What one gap takes of the line. */
  readonly gapShare: number;
}

export const makeTimeScale = (
  segments: readonly Segment[],
  bounds: Stretch,
  { isToScale, gapShare: wantedShare }: ScaleOptions,
): TimeScale => {
  const { startAt } = bounds;
  const endAt = Math.max(bounds.endAt, startAt + 1);
  const cut = isToScale ? [] : stretchesToCut(segments, { startAt, endAt });
  const gapShare = cut.length === 0 ? 0 : Math.min(wantedShare, ALL_GAPS_SHARE / cut.length);
  const shownMs = endAt - startAt - cut.reduce((sum, stretch) => sum + lengthOf(stretch), 0);
  // Where there is nothing but gaps, they have the whole line.
  const share = shownMs > 0 ? gapShare : 1 / cut.length;
  const perMs = shownMs > 0 ? (1 - share * cut.length) / shownMs : 0;

  const gaps: Gap[] = [];
  const placeOf = (at: number): number => {
    let place = 0;
    let from = startAt;
    for (const gap of gaps) {
      if (at <= gap.startAt) break;
      if (at < gap.endAt) return gap.from + ((at - gap.startAt) / lengthOf(gap)) * (gap.to - gap.from);
      place = gap.to;
      from = gap.endAt;
    }
    return Math.min(1, Math.max(0, place + (at - from) * perMs));
  };
  for (const stretch of cut) {
    const from = placeOf(stretch.startAt);
    gaps.push({ ...stretch, from, to: from + share });
  }
  return { startAt, endAt, gaps, placeOf };
};

const lengthOf = ({ startAt, endAt }: Stretch): number => endAt - startAt;

/** In the order of time; none where nothing has been at work, for whose sake they would be cut. */
const stretchesToCut = (segments: readonly Segment[], bounds: Stretch): readonly Stretch[] => {
  if (segments.every(({ kind }) => kind !== 'attempt')) return [];
  const idle = idleStretches(segments, bounds);
  const workMs = lengthOf(bounds) - idle.reduce((sum, stretch) => sum + lengthOf(stretch), 0);
  return idle.filter((stretch) => lengthOf(stretch) > Math.max(CUT_FROM_MS, CUT_FROM * workMs));
};

/** Stretches between two moments at which something begins or ends, with nothing at work in them. */
const idleStretches = (segments: readonly Segment[], { startAt, endAt }: Stretch): readonly Stretch[] => {
  const busy = segments.filter(({ kind }) => kind === 'attempt').sort((a, b) => a.startAt - b.startAt);
  const moments = [...new Set([startAt, ...segments.flatMap((one) => [one.startAt, one.endAt]), endAt])]
    .filter((at) => at >= startAt && at <= endAt)
    .sort((a, b) => a - b);
  const idle: Stretch[] = [];
  let next = 0;
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const [at, from] of moments.slice(0, -1).entries()) {
    const to = moments[at + 1] ?? from;
    for (let one = busy[next]; one !== undefined && one.startAt <= from; one = busy[++next]) {
      busyUntil = Math.max(busyUntil, one.endAt);
    }
    if (busyUntil <= from) idle.push({ startAt: from, endAt: to });
  }
  return idle;
};

const NICE_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000, 7_776_000_000,
];

/** Round times since the start, none nearer to another or to a gap than `apart` of the line. */
export const ticksOf = (scale: TimeScale, apart: number): readonly Tick[] => {
  const ticks: Tick[] = [{ place: 0, label: '0' }];
  const stretches = shownStretches(scale);
  for (const { startAt, endAt } of stretches) {
    const share = scale.placeOf(endAt) - scale.placeOf(startAt);
    if (share <= apart) continue;
    const wanted = (lengthOf({ startAt, endAt }) / share) * apart;
    const every = NICE_MS.find((ms) => ms >= wanted) ?? Math.ceil(wanted / 31_536_000_000) * 31_536_000_000;
    const first = Math.ceil((startAt - scale.startAt) / every) * every;
    for (let ms = first; scale.startAt + ms <= endAt; ms += every) {
      const place = scale.placeOf(scale.startAt + ms);
      const isFree = place >= (ticks.at(-1)?.place ?? 0) + apart && place <= 1 - apart / 2;
      const isClear = scale.gaps.every(({ from, to }) => place < from - apart || place > to + apart / 4);
      if (isFree && isClear) ticks.push({ place, label: lengthText(ms) });
    }
  }
  return ticks;
};

const shownStretches = ({ startAt, endAt, gaps }: TimeScale): readonly Stretch[] => {
  const starts = [startAt, ...gaps.map((gap) => gap.endAt)];
  const ends = [...gaps.map((gap) => gap.startAt), endAt];
  return starts.map((from, at) => ({ startAt: from, endAt: ends[at] ?? endAt }));
};

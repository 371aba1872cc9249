import type { Ref } from 'preact';
import { lengthText } from '../../client/wording.ts';
import { percent } from './percent.ts';
import { type TimeScale, ticksOf } from './time-scale.ts';

interface TimelineAxisProps {
  readonly scale: TimeScale;
  /** Of the whole track, px. */
  readonly width: number;
  readonly trackRef: Ref<HTMLDivElement>;
}

/** A label needs so much room, px. */
const LABEL_PX = 64;

/** Round times since the start, and how long the gaps are; the rows say the same in words. */
export const TimelineAxis = ({ scale, width, trackRef }: TimelineAxisProps) => (
  <div class="timeline-axis" aria-hidden="true">
    <div class="timeline-track" ref={trackRef}>
      {ticksOf(scale, LABEL_PX / width).map(({ place, label }) => (
        <span key={label} class="tick" style={{ left: percent(place) }}>
          {label}
        </span>
      ))}
      {scale.gaps.map(({ startAt, endAt, from, to }) => (
        <span key={startAt} class="gap-label" style={{ left: percent(from), width: percent(to - from) }}>
          {(to - from) * width >= LABEL_PX * 0.8 && `≈ ${lengthText(endAt - startAt)}`}
        </span>
      ))}
    </div>
  </div>
);

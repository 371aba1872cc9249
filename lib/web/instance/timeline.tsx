import { useMemo, useState } from 'preact/hooks';
import type { Instance, Step } from '../../client/operations.ts';
import { lengthText } from '../text/wording.ts';
import { isFinal } from './available-actions.ts';
import { stepKeyOf } from './step-key.ts';
import { segmentsOf } from './step-segments.ts';
import { makeTimeScale, ticksOf } from './time-scale.ts';
import { TimelineRow } from './timeline-row.tsx';
import { useNow } from './use-now.ts';

export interface TimelineProps {
  readonly instance: Instance;
  readonly steps: readonly Step[];
  readonly hasMoreSteps: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (key: string | undefined) => void;
  readonly onMore: () => void;
}

const MAX_ZOOM = 64;
/** What grows is drawn so often; thousands of rows more seldom. */
const EVERY_MS = 250;
const MANY_STEPS = 500;
const EVERY_MS_OF_MANY = 1_500;
const TICKS_APART = 0.11;

/** All steps on one axis of time. */
export const Timeline = ({ instance, steps, hasMoreSteps, selected, onSelect, onMore }: TimelineProps) => {
  const [isToScale, setToScale] = useState(false);
  const [zoom, setZoom] = useState(1);
  const hasEnded = isFinal(instance.status);
  const now = useNow(hasEnded ? undefined : steps.length > MANY_STEPS ? EVERY_MS_OF_MANY : EVERY_MS);
  const endAt = endOf(instance, steps, hasEnded, now);
  const rows = useMemo(() => steps.map((step) => ({ step, segments: segmentsOf(step, endAt) })), [steps, endAt]);
  const bounds = { startAt: startOf(instance, steps), endAt };
  const scale = useMemo(
    () =>
      makeTimeScale(
        rows.flatMap(({ segments }) => segments),
        bounds,
        { isToScale },
      ),
    [rows, bounds.startAt, endAt, isToScale],
  );
  const hasGaps = isToScale || scale.gaps.length > 0;
  if (steps.length === 0) return <p class="quiet">No step has begun yet.</p>;
  return (
    <>
      <div class="timeline-tools">
        <span class="quiet">
          {instance.stepCount.toLocaleString()} {instance.stepCount === 1 ? 'step' : 'steps'},{' '}
          {lengthText(endAt - bounds.startAt)}
        </span>
        {hasGaps && (
          <label class="check">
            <input type="checkbox" checked={!isToScale} onChange={() => setToScale(!isToScale)} />
            Shorten idle time
          </label>
        )}
        <span class="button-group">
          <button
            type="button"
            class="small"
            aria-label="Zoom out"
            disabled={zoom === 1}
            onClick={() => setZoom(zoom / 2)}
          >
            −
          </button>
          <button type="button" class="small" disabled={zoom === 1} onClick={() => setZoom(1)}>
            Fit
          </button>
          <button
            type="button"
            class="small"
            aria-label="Zoom in"
            disabled={zoom === MAX_ZOOM}
            onClick={() => setZoom(zoom * 2)}
          >
            +
          </button>
        </span>
      </div>
      <section class="timeline" aria-label="Timeline">
        <div style={{ '--zoom': zoom }} class="timeline-inner">
          <div class="timeline-axis" aria-hidden="true">
            <div class="timeline-track">
              {ticksOf(scale, TICKS_APART / zoom).map(({ place, label }) => (
                <span key={label} class="tick" style={{ left: percent(place) }}>
                  {label}
                </span>
              ))}
              {scale.gaps.map((gap) => (
                <span
                  key={gap.startAt}
                  class="gap-label"
                  style={{ left: percent(gap.from), width: percent(gap.to - gap.from) }}
                >
                  ≈ {lengthText(gap.endAt - gap.startAt)}
                </span>
              ))}
            </div>
          </div>
          <ol>
            {rows.map(({ step, segments }) => (
              <TimelineRow
                key={stepKeyOf(step)}
                step={step}
                segments={segments}
                scale={scale}
                isSelected={selected === stepKeyOf(step)}
                onSelect={onSelect}
              />
            ))}
          </ol>
        </div>
      </section>
      {hasMoreSteps && (
        <button type="button" onClick={onMore}>
          Show more steps
        </button>
      )}
    </>
  );
};

const percent = (share: number): string => `${share * 100}%`;

const startOf = ({ startedAt, createdAt }: Instance, [first]: readonly Step[]): number =>
  Math.min(
    Date.parse(startedAt ?? createdAt),
    first === undefined ? Number.POSITIVE_INFINITY : Date.parse(first.startedAt),
  );

/** The clock of the server may be ahead of this one's. */
const endOf = ({ endedAt }: Instance, steps: readonly Step[], hasEnded: boolean, now: number): number => {
  const known = steps.map((step) => Date.parse(step.endedAt ?? step.startedAt));
  const latest = known.reduce((a, b) => Math.max(a, b), 0);
  return Math.max(latest, hasEnded && endedAt !== undefined ? Date.parse(endedAt) : hasEnded ? 0 : now);
};

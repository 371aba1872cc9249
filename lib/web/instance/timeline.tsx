import { useMemo, useState } from 'preact/hooks';
import type { Instance, Step } from '../../client/operations.ts';
import { countText, lengthText } from '../../client/wording.ts';
import { isFinal } from './available-actions.ts';
import { stepKeyOf } from './step-key.ts';
import { segmentsOf } from './step-segments.ts';
import { makeTimeScale } from './time-scale.ts';
import { TimelineAxis } from './timeline-axis.tsx';
import { TimelineLegend } from './timeline-legend.tsx';
import { TimelineRow } from './timeline-row.tsx';
import { TimelineTools } from './timeline-tools.tsx';
import { useNow } from './use-now.ts';
import { useWidth } from './use-width.ts';

export interface TimelineProps {
  readonly instance: Instance;
  /** At least one. */
  readonly steps: readonly Step[];
  readonly hasMoreSteps: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (key: string | undefined) => void;
  readonly onMore: () => void;
}

/** What grows is drawn so often; thousands of rows more seldom. */
const EVERY_MS = 250;
const MANY_STEPS = 500;
const EVERY_MS_OF_MANY = 1_500;
/** What has been cut short keeps room for its length, px. */
const GAP_PX = 68;

/** All steps on one axis of time. */
export const Timeline = ({ instance, steps, hasMoreSteps, selected, onSelect, onMore }: TimelineProps) => {
  const [isToScale, setToScale] = useState(false);
  const [zoom, setZoom] = useState(1);
  const [track, width] = useWidth<HTMLDivElement>();
  const hasEnded = isFinal(instance.status);
  const now = useNow(hasEnded ? undefined : steps.length > MANY_STEPS ? EVERY_MS_OF_MANY : EVERY_MS);
  const bounds = { startAt: startOf(instance, steps), endAt: endOf(instance, steps, hasEnded ? undefined : now) };
  const gapShare = GAP_PX / width;
  const { rows, segments, scale } = useMemo(() => {
    const rows = steps.map((step) => ({ step, segments: segmentsOf(step, bounds.endAt) }));
    const segments = rows.flatMap((row) => row.segments);
    return { rows, segments, scale: makeTimeScale(segments, bounds, { isToScale, gapShare }) };
  }, [steps, bounds.startAt, bounds.endAt, isToScale, gapShare]);
  const tabStop = steps.some((step) => stepKeyOf(step) === selected) ? selected : steps[0] && stepKeyOf(steps[0]);
  return (
    <>
      <TimelineTools
        about={`${countText(instance.stepCount, 'step')}, ${lengthText(bounds.endAt - bounds.startAt)}`}
        isShortened={isToScale || scale.gaps.length > 0 ? !isToScale : undefined}
        onShorten={() => setToScale(!isToScale)}
        zoom={zoom}
        onZoom={setZoom}
      />
      <section class="timeline" aria-label="Timeline">
        <div style={{ '--zoom': zoom }} class="timeline-inner">
          <TimelineAxis scale={scale} width={width} trackRef={track} />
          <ol>
            {rows.map(({ step, segments }) => {
              const key = stepKeyOf(step);
              return (
                <TimelineRow
                  key={key}
                  step={step}
                  segments={segments}
                  scale={scale}
                  isSelected={selected === key}
                  isTabStop={tabStop === key}
                  onSelect={onSelect}
                />
              );
            })}
          </ol>
        </div>
      </section>
      {hasMoreSteps && (
        <button type="button" class="more" onClick={onMore}>
          Show more steps
        </button>
      )}
      <TimelineLegend segments={segments} />
    </>
  );
};

const startOf = ({ startedAt, createdAt }: Instance, [first]: readonly Step[]): number =>
  Math.min(
    Date.parse(startedAt ?? createdAt),
    first === undefined ? Number.POSITIVE_INFINITY : Date.parse(first.startedAt),
  );

/** The clock of the server may be ahead of this one's. @param now absent: the instance has ended */
const endOf = ({ endedAt }: Instance, steps: readonly Step[], now: number | undefined): number =>
  steps.reduce(
    (latest, step) => Math.max(latest, Date.parse(step.endedAt ?? step.startedAt)),
    now ?? (endedAt === undefined ? 0 : Date.parse(endedAt)),
  );

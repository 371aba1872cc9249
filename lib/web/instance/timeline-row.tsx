import type { Step } from '../../client/operations.ts';
import { lengthText } from '../text/wording.ts';
import { KIND_NAMES, stepKeyOf, stepLabelOf } from './step-key.ts';
import type { Segment } from './step-segments.ts';
import type { TimeScale } from './time-scale.ts';

interface TimelineRowProps {
  readonly step: Step;
  readonly segments: readonly Segment[];
  readonly scale: TimeScale;
  readonly isSelected: boolean;
  readonly onSelect: (key: string | undefined) => void;
}

/** One step: its name, which selects it, and its stretches of time. */
export const TimelineRow = ({ step, segments, scale, isSelected, onSelect }: TimelineRowProps) => {
  const key = stepKeyOf(step);
  const first = segments[0];
  const last = segments.at(-1);
  const lasted = first === undefined || last === undefined ? 0 : last.endAt - first.startAt;
  return (
    <li class="timeline-row" data-selected={isSelected} data-status={step.status}>
      <button
        type="button"
        class="timeline-name"
        aria-pressed={isSelected}
        title={step.name}
        onClick={() => onSelect(isSelected ? undefined : key)}
        onKeyDown={moveFocus}
      >
        <span class="dot" data-status={step.status} aria-hidden="true" />
        <span class="name">{stepLabelOf(step)}</span>
        <span class="unseen">
          ({KIND_NAMES[step.type]}, {step.status}): {segments.map(({ title }) => title).join('; ')}
        </span>
      </button>
      <div class="timeline-track" aria-hidden="true">
        {scale.gaps.map(({ from, to, startAt }) => (
          <span key={startAt} class="gap" style={{ left: percent(from), width: percent(to - from) }} />
        ))}
        {segments.map((segment, at) => {
          const from = scale.placeOf(segment.startAt);
          return (
            <span
              key={`${segment.kind}${at}`}
              class="segment"
              data-kind={step.type === 'rollback' && segment.kind === 'attempt' ? 'rollback' : segment.kind}
              data-state={segment.state}
              title={segment.title}
              style={{ left: percent(from), width: percent(scale.placeOf(segment.endAt) - from) }}
            />
          );
        })}
      </div>
      <span class="timeline-lasted" aria-hidden="true">
        {lengthText(lasted)}
      </span>
    </li>
  );
};

const percent = (share: number): string => `${share * 100}%`;

/** Arrow keys go from step to step. */
const moveFocus = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
  const row = event.currentTarget.closest('li');
  const next =
    event.key === 'ArrowDown' ? row?.nextElementSibling : event.key === 'ArrowUp' ? row?.previousElementSibling : null;
  const button = next?.querySelector('button');
  if (button === undefined || button === null) return;
  event.preventDefault();
  button.focus();
};

import type { Step } from '../../client/operations.ts';
import { lengthText } from '../../client/wording.ts';
import { wordsOf } from '../text/wording.ts';
import { percent } from './percent.ts';
import { KIND_NAMES, stepKeyOf, stepLabelOf } from './step-key.ts';
import type { Segment } from './step-segments.ts';
import type { TimeScale } from './time-scale.ts';

interface TimelineRowProps {
  readonly step: Step;
  readonly segments: readonly Segment[];
  readonly scale: TimeScale;
  readonly isSelected: boolean;
  /** The one row that Tab leads to; arrow keys lead to the others. */
  readonly isTabStop: boolean;
  readonly onSelect: (key: string | undefined) => void;
}

/** One step: its name, which selects it, and its stretches of time. */
export const TimelineRow = ({ step, segments, scale, isSelected, isTabStop, onSelect }: TimelineRowProps) => (
  <li class="timeline-row" data-selected={isSelected}>
    <button
      type="button"
      class="timeline-name"
      aria-pressed={isSelected}
      tabIndex={isTabStop ? 0 : -1}
      title={step.name}
      onClick={() => onSelect(isSelected ? undefined : stepKeyOf(step))}
      onKeyDown={moveFocus}
    >
      <span class="dot" data-status={step.status} aria-hidden="true" />
      <span class="name">{stepLabelOf(step)}</span>
      <span class="unseen">
        ({KIND_NAMES[step.type]}, {wordsOf(step.status)}): {segments.map(({ title }) => title).join('; ')}
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
      {lengthText(lastedMs(segments))}
    </span>
  </li>
);

const lastedMs = (segments: readonly Segment[]): number => {
  const first = segments[0];
  const last = segments.at(-1);
  return first === undefined || last === undefined ? 0 : last.endAt - first.startAt;
};

const NEIGHBOURS: Readonly<Record<string, 'nextElementSibling' | 'previousElementSibling'>> = {
  ArrowDown: 'nextElementSibling',
  ArrowUp: 'previousElementSibling',
};

const moveFocus = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
  const neighbour = NEIGHBOURS[event.key];
  if (neighbour === undefined) return;
  event.preventDefault();
  event.currentTarget.closest('li')?.[neighbour]?.querySelector('button')?.focus();
};

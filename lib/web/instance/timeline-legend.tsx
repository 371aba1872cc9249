import type { Segment, SegmentKind } from './step-segments.ts';

const MEANINGS: readonly (readonly [kind: SegmentKind, meaning: string])[] = [
  ['attempt', 'at work'],
  ['backoff', 'until the next try'],
  ['sleep', 'asleep'],
  ['wait', 'waiting for an event'],
  ['deferred', 'waiting for a result from outside'],
  ['approval', 'held back by a policy'],
];

/** What is drawn how, of what is there. The rows say it in words by themselves. */
export const TimelineLegend = ({ segments }: { readonly segments: readonly Segment[] }) => {
  const kinds = new Set(segments.map(({ kind }) => kind));
  const hasFailed = segments.some(({ kind, state }) => kind === 'attempt' && state === 'failed');
  const shown = MEANINGS.filter(([kind]) => kinds.has(kind));
  return (
    <ul class="legend" aria-hidden="true">
      {shown.map(([kind, meaning]) => (
        <li key={kind}>
          <span class="swatch">
            <span class="segment" data-kind={kind} data-state="ok" />
          </span>
          {meaning}
        </li>
      ))}
      {hasFailed && (
        <li>
          <span class="swatch">
            <span class="segment" data-kind="attempt" data-state="failed" />
          </span>
          failed
        </li>
      )}
    </ul>
  );
};

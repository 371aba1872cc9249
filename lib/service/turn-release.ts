import { projectionOf } from '../core/decide.ts';
import { DEFAULT_RETENTION_MS } from '../core/limits.ts';
import type { JournalState } from '../core/replay/journal-state.ts';
import type { WorkflowSettings } from '../ports/bundle-store.ts';
import type { AppendParams, Summary } from '../ports/instance-store.ts';

/** How a turn leaves its instance. */
export interface TurnEnd {
  /** Epoch ms; absent: it only waits for others, or has ended. */
  readonly wakeAt?: number | undefined;
  readonly isClean?: boolean;
  /** Nothing has run: it waits in line, and the turn tells nothing of it. */
  readonly isInLine?: boolean;
  /** What has come in meanwhile is for the next turn. */
  readonly isInboxLeft?: boolean;
  /** It goes on in a machine of the tenant's own. */
  readonly isApart?: true;
  /** On which it goes on. */
  readonly version?: string;
}

type Release = NonNullable<AppendParams['release']>;

export const releaseOf = (
  { wakeAt, isClean = false, isInLine = false, isInboxLeft = false, version }: TurnEnd,
  turn: {
    readonly state: JournalState;
    /** As claimed. */
    readonly summary: Summary;
    readonly owner: string;
    readonly retention: WorkflowSettings['retention'];
  },
): Release => {
  const { state, summary, owner, retention } = turn;
  const ofWorkflow = state.final?.kind === 'completed' ? retention?.success : retention?.error;
  const retentionMs = summary.retentionMs ?? ofWorkflow ?? DEFAULT_RETENTION_MS;
  return {
    owner,
    unclosedClaims: isClean ? 0 : isInLine ? summary.unclosedClaims - 1 : summary.unclosedClaims,
    projection: projectionOf(state, { wakeAt, retentionMs, isInLine }),
    ...(isInboxLeft ? {} : { takenSeq: state.takenSeq }),
    ...(version !== undefined && { version }),
  };
};

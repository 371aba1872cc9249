import { COMMIT_AFTER_MS, COMMIT_BYTES, COMMIT_RECORDS } from '../limits.ts';

export {
  DELAY_ANSWER_MS,
  HOLD_MS,
  MAX_LOG_LINE_CHARS,
  MAX_TURN_LOG_CHARS,
  MAX_TURN_LOG_LINES,
  MAX_VALUE_BYTES,
  SECOND_MS,
} from '../limits.ts';

/** What has been gathered since the last commit. */
export interface Gathered {
  readonly records: number;
  readonly bytes: number;
  /** Epoch ms of the first of them. */
  readonly sinceAt: number;
}

/** Output commit: pure settlements may wait, but not for long and not in any number. */
export const isCommitDue = (gathered: Gathered, now: number): boolean =>
  gathered.records >= COMMIT_RECORDS ||
  gathered.bytes >= COMMIT_BYTES ||
  (gathered.records > 0 && now >= commitDueAt(gathered));

export const commitDueAt = (gathered: Gathered): number => gathered.sinceAt + COMMIT_AFTER_MS;

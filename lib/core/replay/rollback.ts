import type { ErrorData, JournalRecord, RecordOf, RollbackOutcome } from '../records.ts';

/** How an instance ends that has rolled back: as it would have without. */
export const rolledBack = (
  started: RecordOf<'rollback_started'>,
  at: number,
  rollback: RollbackOutcome,
): JournalRecord =>
  started.cause === 'errored'
    ? { kind: 'errored', at, error: started.error, rollback }
    : { kind: 'terminated', at, rollback };

/** The handlers are functions of the tenant's code: where a replay does not bring them back, nothing can be undone. */
export const unavailable = ({ name, message }: Pick<ErrorData, 'name' | 'message'>): RollbackOutcome => ({
  outcome: 'failed',
  error: { name: 'RollbackUnavailableError', message: `The rollback handlers could not be run: ${name}: ${message}` },
});

import { statusOf } from '../core/decide.ts';
import type { Status } from '../core/records.ts';
import type { JournalState } from '../core/replay/journal-state.ts';
import type { Summary } from '../ports/instance-store.ts';

/** Of an instance whose journal has just been read: in line it is until a turn has written something again. */
export const currentStatus = (state: JournalState, { status, position, lease }: Summary): Status =>
  statusOf(state, { isHeld: lease !== undefined, isInLine: status === 'queued' && state.position === position });

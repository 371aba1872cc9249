import type { WaitingFor } from '../../client/operations.ts';
import { relativeText } from './wording.ts';

const GIVES_UP: ReadonlySet<WaitingFor['kind']> = new Set(['event', 'deferred', 'approval']);

/** What an instance waits for, short enough for a table: `event approval, gives up in 6 d 23 h`. */
export const waitText = (wait: WaitingFor, now: number): string => {
  const when = wait.until === undefined ? undefined : relativeText(wait.until, now);
  const until = when === undefined ? '' : GIVES_UP.has(wait.kind) ? `, gives up ${when}` : `, ${when}`;
  switch (wait.kind) {
    case 'sleep':
      return `sleep “${wait.name}”${until}`;
    case 'event':
      return `event ${wait.eventType ?? wait.name}${until}`;
    case 'retry':
      return `retry of “${wait.name}”${until}`;
    case 'deferred':
      return `result of “${wait.name}”${until}`;
    case 'approval':
      return `approval of “${wait.name}”${until}`;
  }
};

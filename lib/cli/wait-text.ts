import type { ShownWait } from './api-types.ts';
import { inText } from './wording.ts';

const GIVES_UP: ReadonlySet<ShownWait['kind']> = new Set(['event', 'deferred', 'approval']);

/** What an instance waits for, short enough for a table. */
export const waitText = (wait: ShownWait, now: number): string => {
  const until =
    wait.until === undefined ? '' : ` (${GIVES_UP.has(wait.kind) ? 'gives up ' : ''}${inText(wait.until, now)})`;
  switch (wait.kind) {
    case 'sleep':
      return `sleep "${wait.name}"${until}`;
    case 'event':
      return `event ${wait.eventType ?? wait.name}${until}`;
    case 'retry':
      return `retry of "${wait.name}"${until}`;
    case 'deferred':
      return `result of "${wait.name}"${until}`;
    case 'approval':
      return `approval ${wait.approval ?? ''} of "${wait.name}"${until}`;
  }
};

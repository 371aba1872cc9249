import type { ShownWait } from './api-types.ts';
import { inText } from './wording.ts';

/** What an instance waits for, short enough for a table. */
export const waitText = (wait: ShownWait, now: number): string => {
  const until =
    wait.until === undefined
      ? ''
      : ` (${wait.kind === 'event' || wait.kind === 'deferred' ? 'gives up ' : ''}${inText(wait.until, now)})`;
  switch (wait.kind) {
    case 'sleep':
      return `sleep "${wait.name}"${until}`;
    case 'event':
      return `event ${wait.eventType ?? wait.name}${until}`;
    case 'retry':
      return `retry of "${wait.name}"${until}`;
    case 'deferred':
      return `result of "${wait.name}"${until}`;
  }
};

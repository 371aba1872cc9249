import { MAX_LOG_CHARS } from '../core/limits.ts';
import type { JournalRecord, LogLine } from '../core/records.ts';
import type { JournalState } from '../core/replay/journal-state.ts';
import type { GuestMessage } from '../ports/turn-messages.ts';

/** Lines that nothing else has taken along are written by themselves once there are so many, or after this long. */
const WRITE_CHARS = 32_768;
const WRITE_AFTER_MS = 1_000;

/** What a turn's guest has said and no append has taken along yet. An instance keeps as much as `MAX_LOG_CHARS`. */
export class TurnLogs {
  #lines: LogLine[] = [];
  #chars = 0;
  #dropped = 0;
  #since = 0;

  add({ lines, dropped }: Extract<GuestMessage, { kind: 'logs' }>, now: number): void {
    if (this.#lines.length === 0) this.#since = now;
    for (const line of lines) {
      this.#lines.push(line);
      this.#chars += line.message.length;
    }
    this.#dropped += dropped;
  }

  isDue(now: number): boolean {
    return this.#chars >= WRITE_CHARS || (this.#lines.length > 0 && now - this.#since >= WRITE_AFTER_MS);
  }

  /** The record that is to be appended now, if there is anything to say. */
  take(state: JournalState, now: number): readonly JournalRecord[] {
    const lines: LogLine[] = [];
    let room = MAX_LOG_CHARS - state.logChars;
    for (const line of this.#lines) {
      if (line.message.length > room) this.#dropped += 1;
      else lines.push(line);
      room = Math.max(0, room - line.message.length);
    }
    if (this.#dropped > 0) lines.push({ at: now, level: 'warn', message: droppedText(this.#dropped) });
    this.#lines = [];
    this.#chars = 0;
    this.#dropped = 0;
    return lines.length === 0 ? [] : [{ kind: 'logged', at: state.lastAt, lines }];
  }
}

const droppedText = (count: number): string =>
  `${count} ${count === 1 ? 'line was' : 'lines were'} dropped: a turn keeps 1,000 and 256 KiB, an instance 1 MiB`;

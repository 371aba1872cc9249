import { parseDuration } from '../durations.ts';
import { DEFAULT_SANDBOX_TIMEOUT_MS, HOUR_MS, MAX_WAIT_MS, SANDBOX_WAIT_MS } from '../limits.ts';

/**
 * How long a step stays open for the result of a sandboxed command, ms: longer than the command may take and wait, so that
 * the sandbox has the last word. `timeout`: as the tenant has written it; what is none is refused by whoever takes the command.
 */
export const sandboxResultMs = (timeout: unknown): number => {
  const parsed = parseDuration(timeout ?? DEFAULT_SANDBOX_TIMEOUT_MS);
  const commandMs = parsed.ok ? parsed.ms : DEFAULT_SANDBOX_TIMEOUT_MS;
  return Math.min(commandMs + SANDBOX_WAIT_MS, MAX_WAIT_MS);
};

/** How long a step stays open for what is done with a snapshot, ms: a command may have to leave the workspace first. */
export const SNAPSHOT_RESULT_MS = HOUR_MS + SANDBOX_WAIT_MS;

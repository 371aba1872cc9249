/** What the process ends with; part of the command line's contract. */
export const EXIT = {
  ok: 0,
  /** The server refused the call, the server could not start, or a replay or check diverged or failed. */
  refused: 1,
  /** The command line is wrong: an unknown flag, a missing argument, JSON that does not parse, no such file. */
  usage: 2,
  /** Nobody answers at that address. */
  unreachable: 3,
  /** With `--wait`: the instance ended as `errored` or `terminated`. */
  instanceFailed: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command line is wrong; `message` says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

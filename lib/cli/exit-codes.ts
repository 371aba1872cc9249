/** What the process ends with; part of the command line's contract. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, instanceFailed: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For help and documents. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'refused by the server; the server could not start; a bundle was rejected; a replay or check diverged or failed',
  2: 'wrong command line: an unknown flag, a missing argument, JSON that does not parse, no such file',
  3: 'nobody answers at that address',
  4: 'with `--wait`: the instance ended as errored or terminated',
};

/** The command line is wrong; `message` says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

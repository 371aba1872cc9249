import type { SandboxEnd } from '../ports/sandbox.ts';
import { encodeValue } from './values.ts';

/** How a command's end settles the deferred result that waits for it. */
export type SandboxOutcome =
  | {
      readonly ok: true;
      /** Encoded `{ exitCode, stdout, stderr }`. */
      readonly value: string;
    }
  | { readonly ok: false; readonly error: { readonly name: string; readonly message: string } };

export const sandboxOutcome = (end: SandboxEnd): SandboxOutcome => {
  if (end.kind === 'exited') {
    const { exitCode, stdout, stderr } = end;
    return { ok: true, value: encodeValue({ exitCode, stdout, stderr }) };
  }
  const name = end.reason === 'timed_out' ? 'SandboxTimeoutError' : 'SandboxError';
  return { ok: false, error: { name, message: end.message } };
};

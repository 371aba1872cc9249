import { TenonError } from '../core/errors.ts';
import type { SandboxEnd, SandboxListener } from '../ports/sandbox.ts';
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

/** Refusals after which nobody waits for the result any more: its instance, attempt or tenant is over. */
const NOBODY_WAITS: readonly string[] = [
  'deferred.not_found',
  'deferred.settled',
  'instance.finished',
  'instance.not_found',
  'tenant.not_found',
];

/** Tells the step that waits; rejects where that is to be tried again. */
export const tellStep =
  (
    complete: (completion: {
      readonly tenant: string;
      readonly token: string;
      readonly outcome: SandboxOutcome;
    }) => Promise<unknown>,
  ): SandboxListener =>
  async ({ tenant, token, end }) => {
    try {
      await complete({ tenant, token, outcome: sandboxOutcome(end) });
    } catch (error) {
      if (!(error instanceof TenonError) || !NOBODY_WAITS.includes(error.code)) throw error;
    }
  };

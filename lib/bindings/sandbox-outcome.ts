import { TenonError } from '../core/errors.ts';
import type { SandboxEnd, SandboxListener, Snapshot } from '../ports/sandbox.ts';
import type { UsageMeter } from '../ports/usage.ts';
import { encodeValue } from './values.ts';

/** How the end of what was asked for settles the deferred result that waits for it. */
export type SandboxOutcome =
  | {
      readonly ok: true;
      /** Encoded, as `lib/sdk/sandbox.ts` has it. */
      readonly value: string;
    }
  | { readonly ok: false; readonly error: { readonly name: string; readonly message: string } };

export const sandboxOutcome = (end: SandboxEnd): SandboxOutcome => {
  if (end.kind !== 'failed') return { ok: true, value: encodeValue(resultOf(end)) };
  const name = end.reason === 'timed_out' ? 'SandboxTimeoutError' : 'SandboxError';
  return { ok: false, error: { name, message: end.message } };
};

const resultOf = (end: Exclude<SandboxEnd, { readonly kind: 'failed' }>): unknown => {
  switch (end.kind) {
    case 'exited': {
      const { exitCode, stdout, stderr } = end;
      return { exitCode, stdout, stderr };
    }
    case 'taken': {
      const { workspace, isNew } = end;
      return { ...shown(end.snapshot), workspace, isNew };
    }
    case 'restored':
      return end.snapshot === undefined ? null : shown(end.snapshot);
    case 'removed':
      return end.existed;
    case 'listed':
      return end.snapshots.map(shown);
  }
};

const shown = ({ name, bytes, takenAt }: Snapshot): object => ({ name, bytes, takenAt: new Date(takenAt) });

/** Refusals after which nobody waits for the result any more: its instance, attempt or tenant is over. */
const NOBODY_WAITS: readonly string[] = [
  'deferred.not_found',
  'deferred.settled',
  'instance.finished',
  'instance.not_found',
  'tenant.not_found',
];

/** Tells the step that waits, and counts what is stored for it; rejects where that is to be tried again. */
export const tellStep =
  (
    complete: (completion: {
      readonly tenant: string;
      readonly token: string;
      readonly outcome: SandboxOutcome;
    }) => Promise<unknown>,
    usage: Pick<UsageMeter, 'count'>,
  ): SandboxListener =>
  async ({ tenant, token, end }) => {
    try {
      await complete({ tenant, token, outcome: sandboxOutcome(end) });
    } catch (error) {
      if (!(error instanceof TenonError) || !NOBODY_WAITS.includes(error.code)) throw error;
    }
    if (end.kind === 'taken' && end.isNew) usage.count({ tenant }, { bytes: end.snapshot.bytes });
  };

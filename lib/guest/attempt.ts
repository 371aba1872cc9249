import type { ErrorData, StepConfig } from '../core/records.ts';
import type { StepCall } from '../core/replay/replay.ts';
import type { Deferred } from './deferred.ts';

/** How an attempt's outcome may come from outside. */
export interface Deferral {
  /** What its callback returns to leave it open. */
  readonly result: Deferred;
  /** It is open at most until then, epoch ms. */
  readonly until: number;
  /** What it has for itself, ms; `undefined`: the timeout of the config, with all of the attempt. */
  readonly timeoutMs: number | undefined;
}

/** One try of a step's callback. */
export interface Attempt {
  readonly call: StepCall;
  readonly number: number;
  readonly config: StepConfig;
  /** Journal time and, for the timeout, real time; epoch ms. */
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** How long its callback may be at work, ms: the timeout of the config, or what the platform allows. */
  readonly callbackMs: number;
  /** A deferred result without a timeout of its own is waited for until then, by the timeout of the config; epoch ms. */
  readonly openUntil: number;
  /** The journal-to-be holds its start: demanded before a host call leaves. */
  isStartRecorded: boolean;
  /** Settled, failed or timed out: whatever still comes from its callback is ignored or refused. */
  isOver: boolean;
  abort: (reason: Error) => void;
  deferral: Deferral | undefined;
  /** It has failed so, and its `delay` is asked when to try again: no outcome of the callback counts any more. */
  readonly failure: ErrorData | undefined;
}

/** To whom an entry into the guest belongs: time and randomness come from it. */
export type Owner =
  | { readonly kind: 'run' }
  | { readonly kind: 'attempt'; readonly attempt: Attempt }
  | { readonly kind: 'request' };

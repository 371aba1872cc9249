/**
 * What a test wants otherwise than the tenant's code has it: travels with the start of a turn into the guest of a test. The
 * guest of production is built without whatever reads it.
 */

/** A step by its name; `index`: the how-manieth call of that name, from 1. @default every one */
export interface StepSelector {
  readonly name: string;
  readonly index?: number;
}

/** What becomes of attempts in place of the callback, in the order in which the test said so. */
export type AttemptMock =
  /** For that many attempts, or for all of them. */
  | {
      readonly kind: 'error';
      readonly step: StepSelector;
      readonly times?: number;
      readonly name: string;
      readonly message: string;
    }
  | { readonly kind: 'timeout'; readonly step: StepSelector; readonly times?: number }
  /** `value`: encoded; absent: nothing. */
  | { readonly kind: 'result'; readonly step: StepSelector; readonly value: string };

/** `all`, or those of these steps. */
export type Chosen = 'all' | readonly StepSelector[];

export interface Mocks {
  readonly attempts: readonly AttemptMock[];
  readonly sleepsDisabled: Chosen;
  readonly retryDelaysDisabled: Chosen;
  readonly eventsTimedOut: readonly StepSelector[];
}

/** Beside what every turn starts with. `now`: virtual, epoch ms. */
export interface TestStart {
  readonly now: number;
  readonly mocks: Mocks;
}

export const NO_MOCKS: Mocks = { attempts: [], sleepsDisabled: [], retryDelaysDisabled: [], eventsTimedOut: [] };

/** The type of event that a wait is given which is to time out: tests may not send it. */
export const NEVER_SENT = 'tenon.never-sent';

import type { RehearsedDivergence, SourcePlace } from './turn-messages.ts';

/** What a replay of a recorded journal has shown, without any effect. */
export interface ReplayReport {
  /**
   * `diverged`: the code does not follow the journal; `failed`: `run()` ends with an error that the journal knows nothing of, or
   * does not come to an end.
   */
  readonly outcome: 'ok' | 'diverged' | 'failed';
  /**
   * Where it stopped. `caught_up`: at the end of the journal, before something new; `effect`: at a call to the outside that
   * `run()` makes outside a step, so that the rest has not been looked at; `returned`, `threw`: with `run()`; `lost`: before that.
   */
  readonly stop: 'caught_up' | 'effect' | 'returned' | 'threw' | 'lost';
  /** Results that the journal has for `run()`, and how many of them it got. */
  readonly recorded: number;
  readonly delivered: number;
  readonly divergences: readonly RehearsedDivergence[];
  /** The step that would go on, or what would be called. */
  readonly next?: string;
  /** Where in the tenant's source it stopped, with the line itself. */
  readonly place?: SourcePlace & { readonly text?: string };
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
}

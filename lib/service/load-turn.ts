import type { JournalRecord } from '../core/records.ts';
import type { LoadRunner, WorkflowRunner } from '../dispatch/dispatch-workflow.ts';
import type { Isolation, Tenant } from '../ports/tenant-store.ts';
import type { TurnSettings } from './turn-settings.ts';

/**
 * The operator's extension point: asked once for each turn that runs code, it says what is run, and how. Whatever it says,
 * code and storage are those of the instance's tenant, and an instance stays on the version of its first turn (E9).
 *
 * What it throws ends the turn, which is tried again; after three times the instance is `errored`.
 */
export type LoadTurn = LoadRunner<TurnStep, TurnEnv, TurnContext>;

/** Whose turn it is. */
export interface TurnContext {
  readonly tenant: Tenant;
  readonly workflow: string;
  readonly instanceId: string;
  /** To which the instance is pinned. */
  readonly version: string;
  /** Nothing has run yet: another version can be chosen, once. A restart begins anew. */
  readonly isFirstTurn: boolean;
}

/** What a loader can do. */
export interface TurnEnv {
  /**
   * The runner of the pinned version, or, in the first turn, of the one that is chosen.
   * @throws TenonError `version.not_found`, Error where the level that is chosen is not offered here
   */
  load(choice?: TurnChoice): Promise<WorkflowRunner<TurnStep>>;
  /**
   * Keeps a source as a version of the tenant, without activating it, and gives its name: the same for the same source.
   * @throws TenonError `request.invalid` with what is wrong with it, Error where this host has no compiler
   */
  compile(source: string): Promise<string>;
}

export interface TurnChoice {
  /** Heeded in the first turn, which pins it; later turns run the pinned version whatever is chosen. @default the pinned one */
  readonly version?: string;
  /**
   * `shared`: in a context that turns of the same version have run in before. `fresh`: in one of its own, about 1 ms more.
   * @default 'shared', and 'fresh' for workflows with `determinism: 'strict'`
   */
  readonly context?: 'shared' | 'fresh';
  /**
   * `microvm`: the turn is run in a machine of the tenant's own, also where the tenant's level is `isolate`, at the price of a
   * message and a write; there it is asked about again. What is weaker than the tenant's level changes nothing, nor does either
   * on one machine, which has one level. @default the tenant's level
   */
  readonly isolation?: Isolation;
  /**
   * Told of the records of this turn as soon as they are durable, in their order, values in stored form. What it throws is
   * reported and changes nothing; nobody waits for it.
   */
  readonly tail?: Tail;
}

export type Tail = (records: readonly JournalRecord[]) => void;

/** What a turn runs in the end. */
export interface LoadedTurn {
  /** Another one than the pinned: the instance is to be moved there before anything runs. */
  readonly version: string;
  readonly settings: TurnSettings;
  readonly tail?: Tail;
  /** It is not to run here, but in a machine of the tenant's own. */
  readonly isApart?: true;
}

/** What a runner runs: opaque to loaders, who pass it on to the runner that `load` gave them. */
export class TurnStep {
  #loaded: LoadedTurn | undefined;

  begin(loaded: LoadedTurn): void {
    this.#loaded = loaded;
  }

  /** @throws Error where the loader's runner has left the turn aside */
  get loaded(): LoadedTurn {
    if (this.#loaded === undefined) throw new Error('The runner of loadRunner did not run what env.load() gave');
    return this.#loaded;
  }
}

import { type Signal, signal } from '@preact/signals';
import { EXAMPLES } from './examples.ts';
import type { Progress, UploadProblem } from './start-source.ts';

export interface StartedInstance {
  readonly workflow: string;
  readonly id: string;
}

/** Of one tenant. */
export interface PlaygroundState {
  readonly source: Signal<string>;
  readonly payload: Signal<string>;
  readonly workflow: Signal<string | undefined>;
  readonly id: Signal<string>;
  /** New instances of the tenant's own callers then take what is run here. */
  readonly isToActivate: Signal<boolean>;
  /** Of what is being started. */
  readonly progress: Signal<Progress | undefined>;
  readonly problems: Signal<readonly UploadProblem[]>;
  readonly error: Signal<unknown>;
  /** Shown beside the source. */
  readonly shown: Signal<StartedInstance | undefined>;
  /** Started here, newest first. */
  readonly started: Signal<readonly StartedInstance[]>;
}

const states = new Map<string, PlaygroundState>();

/** It outlives the view: whoever looks at something else finds their text again. A reload forgets it, as it does the key. */
export const playgroundOf = (tenant: string): PlaygroundState => {
  const found = states.get(tenant);
  if (found !== undefined) return found;
  const [first] = EXAMPLES;
  const made: PlaygroundState = {
    source: signal(first?.source ?? ''),
    payload: signal(first?.payload ?? ''),
    workflow: signal(undefined),
    id: signal(''),
    isToActivate: signal(false),
    progress: signal(undefined),
    problems: signal([]),
    error: signal(undefined),
    shown: signal(undefined),
    started: signal([]),
  };
  states.set(tenant, made);
  return made;
};

import { type Signal, signal } from '@preact/signals';
import type { TenonClient } from '../../client/tenon-client.ts';
import { EXAMPLES } from './examples.ts';
import type { KnownBundles, Progress, UploadProblem } from './start-source.ts';

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
  readonly known: KnownBundles;
  /** Shown beside the source. */
  readonly shown: Signal<StartedInstance | undefined>;
  /** Started here, newest first. */
  readonly started: Signal<readonly StartedInstance[]>;
}

const states = new WeakMap<TenonClient, Map<string, PlaygroundState>>();

/**
 * It outlives the view: whoever looks at something else finds their text again. Signing out and a reload forget it, as they
 * do the key.
 */
export const playgroundOf = (client: TenonClient, tenant: string): PlaygroundState => {
  const ofClient = states.get(client) ?? new Map<string, PlaygroundState>();
  states.set(client, ofClient);
  const found = ofClient.get(tenant);
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
    known: new Map(),
    shown: signal(undefined),
    started: signal([]),
  };
  ofClient.set(tenant, made);
  return made;
};

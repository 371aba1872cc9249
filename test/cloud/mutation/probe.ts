import type { LocalCloud } from '../local-cloud.ts';
import type { ProbeWorld } from './probe-world.ts';

/** One behaviour of a deployment, checked from outside or by what AWS itself would show. */
export interface Probe {
  /** A sentence that holds. */
  readonly name: string;
  /**
   * It does what other probes must not see: it counts invocations, or sends what cannot be done. Runs when all others
   * have ended.
   */
  readonly isAlone?: true;
  /** Names of mutants that it is there for: it is asked first. */
  readonly about?: RegExp;
  readonly check: (place: { readonly cloud: LocalCloud; readonly world: ProbeWorld }) => Promise<void>;
}

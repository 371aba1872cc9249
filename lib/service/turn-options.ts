import type { Dependencies } from './dependencies.ts';
import type { LoadTurn } from './load-turn.ts';
import type { Written } from './turn-spans.ts';

export type TurnDependencies = Pick<
  Dependencies,
  | 'clock'
  | 'timer'
  | 'randomness'
  | 'instances'
  | 'slots'
  | 'tenants'
  | 'bundles'
  | 'blobs'
  | 'vault'
  | 'policies'
  | 'wakes'
  | 'watch'
  | 'executor'
  | 'bindings'
  | 'usage'
  | 'tracer'
> &
  Partial<Pick<Dependencies, 'compiler'>> & { readonly onWritten?: (written: Written) => void };

export interface TurnOptions {
  /** The instance was created just now: there is no journal to read. */
  readonly isNew: boolean;
  /** What a store throws ends the turn, and comes here. */
  readonly onError: (error: unknown, context?: { readonly traceId?: string }) => void;
  /** The operator's choice of what is run. @default the version that the instance is pinned to */
  readonly loadRunner?: LoadTurn;
  /** How often to look into the inbox, where messages for a turn at work may reach other processes. @default never, ms */
  readonly lookEveryMs?: number;
  /** No callback is started that may be at work longer than until then, epoch ms; the rest goes to another turn. */
  readonly endsAt?: number;
  /** How long a callback may be at work, ms: a step's timeout is at most a minute longer. @default no bound */
  readonly maxCallbackMs?: number;
  /** Where turns of level `isolate` run: whether there are machines of tenants' own beside. @default there is one level here */
  readonly microVms?: 'offered' | 'missing';
}

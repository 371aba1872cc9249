import type { TurnPolicy } from '../core/replay/policies.ts';

/** A rule of the operator's for tenants' workflows, outside of their code. */
export interface Policy extends TurnPolicy {
  /** Ids; absent: all tenants, those to come as well. */
  readonly tenants?: readonly string[];
  /** Names; absent: all workflows. */
  readonly workflows?: readonly string[];
  /** Epoch ms: when it was put as it is. */
  readonly updatedAt: number;
}

/** The operator's policies: few, and asked for by each turn. */
export interface PolicyStore {
  /** Takes the place of one of the same name. When it resolves, each turn that begins from then on goes by it. */
  put(policy: Policy): Promise<void>;
  /** As they hold now, by name. */
  list(): Promise<readonly Policy[]>;
  /** As `put` does; `false`: there was none. */
  remove(name: string): Promise<boolean>;
}

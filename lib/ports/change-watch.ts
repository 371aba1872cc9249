import type { InstanceKey } from './instance-store.ts';

/** Lets a long poll sleep until an instance may have changed. */
export interface ChangeWatch {
  /** Resolves at the next sign of change of that instance, or at `until` (epoch ms), whichever is first. */
  changed(key: InstanceKey, until: number): Promise<void>;
  /** Said after each release and control call. */
  announce(key: InstanceKey): void;
  /** The service goes down: every wait is over, and whoever waited answers with what there is. */
  readonly isClosed?: boolean;
}

import type { BindingHost } from '../ports/binding-host.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { BundleStore } from '../ports/bundle-store.ts';
import type { ChangeWatch } from '../ports/change-watch.ts';
import type { Clock } from '../ports/clock.ts';
import type { Compiler } from '../ports/compiler.ts';
import type { Executor } from '../ports/executor.ts';
import type { InstanceKey, InstanceStore, Lease, Summary } from '../ports/instance-store.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { TenantStore } from '../ports/tenant-store.ts';
import type { Timer } from '../ports/timer.ts';
import type { UploadSigner } from '../ports/uploads.ts';
import type { Vault } from '../ports/vault.ts';
import type { WakeQueue } from '../ports/wake-queue.ts';

/** What the use cases stand on; made by a composition root, by hand. A use case names the part that it needs. */
export interface Dependencies {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly randomness: Randomness;
  readonly instances: InstanceStore;
  readonly tenants: TenantStore;
  readonly bundles: BundleStore;
  readonly blobs: BlobStore;
  readonly uploads: UploadSigner;
  readonly vault: Vault;
  readonly wakes: WakeQueue;
  readonly watch: ChangeWatch;
  readonly compiler: Compiler;
  readonly executor: Executor;
  readonly bindings: BindingHost;
  /**
   * Where the creator of an instance can run its first turn itself: it claims with the creation and does not wait for a
   * message. Nothing leaves the turn before the creation is durable, since every append follows it.
   */
  readonly firstTurns?: {
    /** `undefined`: too much to do already. */
    offerLease(key: InstanceKey, now: number): Lease | undefined;
    adopt(summary: Summary): void;
  };
}

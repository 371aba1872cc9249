import type { ExecutableBundle, Inspection } from './executor.ts';
import type { InstanceKey } from './instance-store.ts';
import type { Wake } from './wake-queue.ts';

/**
 * Runs what is of one tenant in a machine of that tenant's own, storage side included, with credentials that reach nothing
 * else. What comes back from there may have been forged by the tenant: whoever asks checks it.
 */
export interface MicroVms {
  /** Runs the turns of instances of one tenant, together. @throws MicroVmBusy */
  runTurns(params: {
    readonly tenant: string;
    readonly wakes: readonly Wake[];
    /** The turns are over by then, epoch ms. */
    readonly endsAt: number;
  }): Promise<TurnsRun>;
  /** The tenant's `default.fetch`; `path` as `handleTenantRequest` takes it. @throws MicroVmBusy */
  serveRequest(params: {
    readonly tenant: string;
    readonly request: Request;
    readonly path: string;
    readonly traceId?: string;
  }): Promise<RequestServed>;
  /** Replays an instance with a version, without effects. The report is an untrusted word. @throws MicroVmBusy */
  rehearse(params: { readonly key: InstanceKey; readonly version: string }): Promise<unknown>;
  /** Evaluates a bundle of that tenant without bindings and without egress. @throws MicroVmBusy */
  inspect(params: { readonly tenant: string; readonly bundle: ExecutableBundle }): Promise<Inspection>;
}

export interface TurnsRun {
  /** Wake-ups that the turns ask for: an untrusted word, to be checked. */
  readonly asked: readonly unknown[];
  /** Units that the turns have used: an untrusted word, too. */
  readonly used: readonly unknown[];
  /** Commands that steps have asked `env.SANDBOX` for, to be started by whoever can: an untrusted word, too. */
  readonly commands: readonly unknown[];
  /** What went wrong there, in words; it has no log of its own. */
  readonly problems: readonly string[];
}

export interface RequestServed {
  readonly response: Response;
  /** As of turns. */
  readonly asked: readonly unknown[];
  readonly used: readonly unknown[];
  readonly problems: readonly string[];
}

/** There is no machine free for this tenant right now: nothing has happened, and it may be asked again a little later. */
export class MicroVmBusy extends Error {
  override readonly name = 'MicroVmBusy';
}

/** A tenant's level, or a loader's choice, says that it runs apart, and there is nowhere to do that: it is not run beside others instead. */
export const noMicroVms = (tenant: string): Error =>
  new Error(
    `The tenant ${tenant} has level microvm, which is not offered here: offer it, or change the tenant's isolation`,
  );

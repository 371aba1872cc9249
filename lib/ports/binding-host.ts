import type { Tenant } from './tenant-store.ts';
import type { BindingDeclaration } from './turn-messages.ts';

/** On whose behalf a call is made: told by the dispatcher, never by the guest. */
export interface BindingCaller {
  readonly tenant: Tenant;
  readonly version: string;
  /** Absent in `default.fetch`. */
  readonly instance?: { readonly workflow: string; readonly id: string };
  /** Of what gave rise to the call, 32 hex digits: instances that it creates go on with it. */
  readonly traceId?: string;
  /** Aborted when the attempt timed out or the turn ended. */
  readonly signal: AbortSignal;
}

/** The host side of `env`: every call of a guest to the outside goes through here. */
export interface BindingHost {
  /** What `env` holds for this tenant; `workflow` is the one that `env.WORKFLOWS` stands for. */
  declare(params: { readonly tenant: Tenant; readonly workflow?: string }): readonly BindingDeclaration[];
  /** `args`: encoded array. Gives the encoded result; a refusal is a `TenonError` or an error with a tenant-readable message. */
  call(
    caller: BindingCaller,
    params: { readonly binding: string; readonly method: string; readonly args: string },
  ): Promise<string>;
  /** Removes what bindings keep of a tenant; doing so again does no harm. */
  removeTenant(tenant: string): Promise<void>;
}

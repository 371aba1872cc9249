import { isEnvName } from '../core/names.ts';
import type { BindingCaller } from '../ports/binding-host.ts';
import type { Tenant } from '../ports/tenant-store.ts';

/** Beside the arguments, what a method knows of its call. */
export interface BindingCall {
  readonly caller: BindingCaller;
  /** Aborted when the attempt timed out or the turn ended: an answer after that reaches nobody. */
  readonly signal: AbortSignal;
}

/**
 * `args` come from tenant code: decoded, and of any type. The result is encoded; a tenant reads the messages of
 * `BindingError`, `TenonError` and `TypeError`, and of no other error.
 */
export type BindingMethod = (args: readonly unknown[], call: BindingCall) => unknown;

/** What the operator settles for a tenant's binding; stays on the host. */
export type BindingProps = Readonly<Record<string, unknown>>;

/** A capability that `env` can hold. */
export interface BindingDefinition {
  /** In `env`; one that starts with `$` is for the guest's own modules. */
  readonly name: string;
  readonly type: string;
  readonly methods: readonly string[];
  /** `undefined`: this tenant does not have the binding. */
  readonly propsOf: (tenant: Tenant) => BindingProps | undefined;
  readonly create: (params: {
    readonly tenant: Tenant;
    readonly props: BindingProps;
  }) => Readonly<Record<string, BindingMethod>>;
  readonly removeTenant?: (tenant: string) => Promise<void>;
  readonly close?: () => Promise<void>;
}

/**
 * The one way to give tenants a capability.
 * @param params.type which proxy the guest makes. @default 'service': an object with the methods
 * @param params.propsOf the binding's properties for a tenant; `undefined` withholds it. @default none, for every tenant
 * @param params.create called for each call, with the tenant that makes it: what calls share is kept outside
 * @param params.removeTenant removes what is kept of a tenant, when that is removed; it may be called more than once
 * @param params.close lets go of what calls share, when the service ends
 * @throws TypeError for a name that `env` cannot hold
 */
export const defineBinding = <const Method extends string, Props extends BindingProps = BindingProps>(params: {
  readonly name: string;
  readonly type?: string;
  readonly methods: readonly Method[];
  readonly propsOf?: (tenant: Tenant) => Props | undefined;
  readonly create: (params: {
    readonly tenant: Tenant;
    readonly props: Props;
  }) => Readonly<Record<Method, BindingMethod>>;
  readonly removeTenant?: (tenant: string) => Promise<void>;
  readonly close?: () => Promise<void>;
}): BindingDefinition => {
  const { name, methods, type = 'service', propsOf, create, removeTenant, close } = params;
  if (!isEnvName(name.replace(/^\$/, ''))) throw new TypeError(`"${name}" is no name for a binding`);
  return {
    name,
    type,
    methods,
    propsOf: propsOf ?? (() => ({})),
    create: ({ tenant, props }) => create({ tenant, props: props as Props }),
    ...(removeTenant === undefined ? {} : { removeTenant }),
    ...(close === undefined ? {} : { close }),
  };
};

import type { BundleProblem } from './bundle-store.ts';
import type { FetchStart, GuestMessage, GuestTermination, HostMessage, TurnStart } from './turn-messages.ts';

/** The executable form of a version. */
export interface ExecutableBundle {
  /** One script in CommonJS form, `cloudflare:*` and `tenon:*` left to the guest. */
  readonly code: string;
  /** Source map, JSON text. */
  readonly sourceMap: string;
}

export interface GuestOptions {
  readonly tenant: string;
  readonly version: string;
  /** Asked for where the version is not in the executor's cache. */
  readonly loadBundle: () => Promise<ExecutableBundle>;
  readonly limits: { readonly cpuMs: number; readonly memoryMb: number };
  /** What it leaves behind in its context is gone with it, instead of being looked for. */
  readonly hasFreshContext: boolean;
  /** How often the tenant has cost a process lately. @default 0 */
  readonly strikes?: number;
  /** Told once, after its end, where the executor has not been lost. */
  readonly onUsed?: (used: { readonly cpuMs: number }) => void;
}

/** A guest at work. One turn or one request; it ends with `finished`, `blocked`, a response, a termination or `end()`. */
export interface Guest {
  send(message: HostMessage): void;
  /** Drops the guest: nothing more comes from it. */
  end(): void;
}

export interface GuestListener {
  onMessage(message: GuestMessage): void;
  onTerminated(termination: GuestTermination): void;
}

/** What a dry load of a bundle found. */
export type Inspection =
  | { readonly ok: true; readonly workflows: readonly string[]; readonly hasFetch: boolean }
  | { readonly ok: false; readonly problems: readonly BundleProblem[] };

/** Runs tenant code, owns nothing: neither storage nor credentials. */
export interface Executor {
  start(options: GuestOptions, start: TurnStart | FetchStart, listener: GuestListener): Guest;
  /** Evaluates a bundle of that tenant without bindings and without egress. */
  inspect(bundle: ExecutableBundle, tenant: string): Promise<Inspection>;
  close(): Promise<void>;
}

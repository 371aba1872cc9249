import type { BundleContentType } from '../ports/bundle-store.ts';
import type { Compilation } from '../ports/compiler.ts';

/** What crosses between the compiler and its server. */
export interface CompileRequest {
  readonly id: number;
  readonly contentType: BundleContentType;
  readonly bytes: Uint8Array;
}

export type CompileAnswer =
  /** Sent once, when the first request would be answered without delay. `enginePid`: of esbuild's own process. */
  | { readonly kind: 'ready'; readonly enginePid: number }
  | { readonly kind: 'compiled'; readonly id: number; readonly compilation: Compilation };

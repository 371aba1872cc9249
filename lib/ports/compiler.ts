import type { BundleContentType, BundleProblem } from './bundle-store.ts';
import type { ExecutableBundle } from './executor.ts';

export type Compilation =
  /** `version`: the first 32 hex digits of the SHA-256 of the executable text: the content names the version. */
  | { readonly ok: true; readonly bundle: ExecutableBundle; readonly version: string }
  | { readonly ok: false; readonly problems: readonly BundleProblem[] };

/** Turns what a tenant uploaded into a script. Never resolves anything outside the upload. */
export interface Compiler {
  compile(source: { readonly contentType: BundleContentType; readonly bytes: Uint8Array }): Promise<Compilation>;
}

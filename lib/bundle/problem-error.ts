import type { BundleProblem } from '../ports/bundle-store.ts';

/**
 * Every way in which an upload is refused before its code is looked at by an executor. Stable: tenants' tools match them.
 *
 * `bundle.zip_*`: the archive; `bundle.import_*`: what a module asks for; `bundle.compile_*`: limits of the compiler.
 */
export type BundleProblemCode =
  | 'bundle.not_utf8'
  | 'bundle.too_large'
  | 'bundle.no_entry'
  | 'bundle.ambiguous_entry'
  | 'bundle.zip_invalid'
  | 'bundle.zip_traversal'
  | 'bundle.zip_absolute'
  | 'bundle.zip_link'
  | 'bundle.zip_duplicate'
  | 'bundle.zip_encrypted'
  | 'bundle.zip_odd_entry'
  | 'bundle.zip_too_many_files'
  | 'bundle.zip_too_large'
  | 'bundle.zip_ratio'
  | 'bundle.import_refused'
  | 'bundle.import_not_found'
  | 'bundle.import_attributes'
  | 'bundle.import_computed'
  | 'bundle.top_level_await'
  | 'bundle.invalid_source'
  | 'bundle.compile_time'
  | 'bundle.compile_memory'
  | 'bundle.compile_crashed';

/** Thrown where reading an upload cannot go on; caught where the compilation is answered. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: BundleProblem;

  constructor(code: BundleProblemCode, message: string, file?: string) {
    super(message);
    this.problem = file === undefined ? { code, message } : { code, message, file };
  }
}

import type { Template } from '../template/template.ts';

/** A template with one thing less. */
export interface Mutant {
  /** What is missing, in words that tell it from all others. */
  readonly name: string;
  readonly kind: 'permission' | 'condition' | 'variable' | 'wire';
  readonly template: Template;
  /**
   * Words by which probes are found that are likely to notice: logical ids of a function or role, and
   * `<logical id of the role> <service>:<action>`.
   */
  readonly concerns: readonly string[];
}

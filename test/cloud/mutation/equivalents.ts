/** A mutant that is as good as the template, on AWS too. */
export interface Equivalent {
  /** Of its name. */
  readonly mutant: RegExp;
  readonly reason: string;
}

/** Each with why nobody could notice. What is merely not needed does not belong here: it is taken out of the template. */
export const EQUIVALENTS: readonly Equivalent[] = [];

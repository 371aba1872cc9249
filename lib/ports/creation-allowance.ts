/** Counts creations of instances over all processes, a second and a tenant at a time. */
export interface CreationAllowance {
  /** Takes `count` out of the `perSecond` that the tenant has in the second of `now` (epoch ms), or nothing: `false`. */
  take(params: {
    readonly tenant: string;
    readonly count: number;
    readonly perSecond: number;
    readonly now: number;
  }): Promise<boolean>;
}

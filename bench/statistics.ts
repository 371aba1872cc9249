/** The middle and the two ends of a figure over the rounds. */
export type Spread = Readonly<{ median: number; min: number; max: number; rounds: readonly number[] }>;

/** Latencies of one round, in milliseconds. */
export type Latency = Readonly<{ p50: number; p90: number; p99: number; max: number }>;

/**
 * The value below which `share` (0 to 1) of the values lie, by linear interpolation between the two nearest ranks.
 * Throws on no values: a figure made from nothing is a lie.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) throw new RangeError('a quantile needs at least one value');
  return below + (above - below) * (rank - Math.floor(rank));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: rounded(median(values)),
    min: rounded(quantile(values, 0)),
    max: rounded(quantile(values, 1)),
    rounds: values.map(rounded),
  };
}

export function latencyOf(milliseconds: readonly number[]): Latency {
  return {
    p50: rounded(quantile(milliseconds, 0.5)),
    p90: rounded(quantile(milliseconds, 0.9)),
    p99: rounded(quantile(milliseconds, 0.99)),
    max: rounded(quantile(milliseconds, 1)),
  };
}

/** Three decimals at most: more would claim a precision that a shared machine does not have. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

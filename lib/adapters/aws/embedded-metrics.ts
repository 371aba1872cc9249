/**
 * Metrics as CloudWatch takes them out of a log line (embedded metric format): no call, and no permission for one. Written
 * past `console`, which would wrap the line where Lambda logs as JSON.
 */
export const writeMetrics = (params: {
  readonly namespace: string;
  /** One dimension: its name and value. */
  readonly dimension: readonly [name: string, value: string];
  /** Counts by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** Epoch ms. */
  readonly at: number;
}): void => {
  const { namespace, dimension, counts, at } = params;
  const [name, value] = dimension;
  const line = {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[name]],
          Metrics: Object.keys(counts).map((metric) => ({ Name: metric, Unit: 'Count' })),
        },
      ],
    },
    [name]: value,
    ...counts,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

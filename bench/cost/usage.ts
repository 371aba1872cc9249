/** What AWS counts and bills, but for what stands still. */
export const METERS = [
  /** DynamoDB: of the table, and of its indexes. */
  'tableWriteUnits',
  'indexWriteUnits',
  'readUnits',
  'lambdaRequests',
  'lambdaGbSeconds',
  /** Memory of environments made for one tenant each, GB. */
  'tenantEnvironmentsGb',
  /** SQS: sends, receipts and deletions. */
  'queueRequests',
  'httpRequests',
  /** S3: PUT, POST and LIST; GET and all others. Deletions are free. */
  'objectWrites',
  'objectReads',
  'schedules',
  'keyRequests',
  'secretRequests',
  /** Step Functions: executions that were started. */
  'executions',
  /** CloudWatch Logs: taken in. */
  'logGb',
] as const;

export type Meter = (typeof METERS)[number];

/** How much of each; what is not named is nothing. */
export type Usage = Readonly<Partial<Record<Meter, number>>>;

export function sumOf(usages: readonly Usage[]): Usage {
  return fromEach((meter) => usages.reduce((sum, usage) => sum + (usage[meter] ?? 0), 0));
}

export function minus(usage: Usage, other: Usage): Usage {
  return fromEach((meter) => (usage[meter] ?? 0) - (other[meter] ?? 0));
}

export function times(usage: Usage, factor: number): Usage {
  return fromEach((meter) => (usage[meter] ?? 0) * factor);
}

/** Write units of table and indexes together. */
export function writeUnitsOf(usage: Usage): number {
  return (usage.tableWriteUnits ?? 0) + (usage.indexWriteUnits ?? 0);
}

function fromEach(amountOf: (meter: Meter) => number): Usage {
  const amounts = METERS.map((meter) => [meter, amountOf(meter)] as const);
  return Object.fromEntries(amounts.filter(([, amount]) => amount !== 0));
}

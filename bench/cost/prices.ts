import type { Meter } from './usage.ts';

/**
 * List prices in us-east-1, November 2026, without free tiers and without discounts for volume. `isVerified`: found on AWS's own
 * page, in its price list or in two accounts of it that agree; the others are said to be what they are in the document.
 */
export type Price = Readonly<{
  what: string;
  usd: number;
  /** For so many units. */
  per: number;
  unit: string;
  source: string;
  isVerified: boolean;
}>;

const million = 1_000_000;

/** A fair queue's surcharge is taken for every request, since AWS does not say which ones have it. */
const queueUsd = { standard: 0.4, fair: 0.1 } as const;

const writeUnits = {
  usd: 0.625,
  per: million,
  unit: 'million',
  source: 'DynamoDB pricing, on demand',
  isVerified: true,
};

export const meterPrices: Readonly<Record<Meter, Price>> = {
  tableWriteUnits: { what: 'DynamoDB write units, table', ...writeUnits },
  indexWriteUnits: { what: 'DynamoDB write units, indexes', ...writeUnits },
  readUnits: { ...writeUnits, what: 'DynamoDB read units', usd: 0.125 },
  lambdaRequests: {
    what: 'Lambda requests',
    usd: 0.2,
    per: million,
    unit: 'million',
    source: 'Lambda pricing',
    isVerified: true,
  },
  lambdaGbSeconds: {
    what: 'Lambda GB-seconds, arm64',
    usd: 13.3334,
    per: million,
    unit: 'million',
    source: 'Lambda pricing, first tier',
    isVerified: true,
  },
  tenantEnvironmentsGb: {
    what: 'Lambda environments in tenant isolation, GB of memory',
    usd: 133.334,
    per: million,
    unit: 'million',
    source: 'AWS News Blog says that there is a price by memory; the number is assumed: ten seconds of that memory',
    isVerified: false,
  },
  queueRequests: {
    what: `SQS requests of a fair queue ($${queueUsd.standard.toFixed(2)} and $${queueUsd.fair.toFixed(2)} surcharge)`,
    usd: queueUsd.standard + queueUsd.fair,
    per: million,
    unit: 'million',
    source: 'SQS pricing; that the surcharge is on every request is assumed',
    isVerified: false,
  },
  httpRequests: {
    what: 'API Gateway, HTTP API requests up to 512 KB',
    usd: 1,
    per: million,
    unit: 'million',
    source: 'API Gateway pricing',
    isVerified: true,
  },
  objectWrites: {
    what: 'S3 PUT, POST, LIST',
    usd: 5,
    per: million,
    unit: 'million',
    source: 'S3 pricing',
    isVerified: true,
  },
  objectReads: { what: 'S3 GET', usd: 0.4, per: million, unit: 'million', source: 'S3 pricing', isVerified: true },
  schedules: {
    what: 'EventBridge Scheduler invocations',
    usd: 1,
    per: million,
    unit: 'million',
    source: 'EventBridge pricing',
    isVerified: true,
  },
  keyRequests: {
    what: 'KMS requests',
    usd: 0.03,
    per: 10_000,
    unit: '10,000',
    source: 'KMS pricing',
    isVerified: true,
  },
  secretRequests: {
    what: 'Secrets Manager requests',
    usd: 0.05,
    per: 10_000,
    unit: '10,000',
    source: 'Secrets Manager pricing; not looked up again',
    isVerified: false,
  },
  executions: {
    what: 'Step Functions, the two transitions of a heavy step',
    usd: 0.05,
    per: 1000,
    unit: '1,000',
    source: 'Step Functions pricing, $0.025 for 1,000 transitions',
    isVerified: true,
  },
  logGb: {
    what: 'CloudWatch Logs, taken in',
    usd: 0.5,
    per: 1,
    unit: 'GB',
    source: 'CloudWatch pricing',
    isVerified: true,
  },
};

/** What costs by the month, whatever is done. */
export const monthlyPrices = {
  key: { what: 'KMS key', usd: 1, per: 1, unit: 'key', source: 'KMS pricing', isVerified: true },
  secret: {
    what: 'Secret in Secrets Manager',
    usd: 0.4,
    per: 1,
    unit: 'secret',
    source: 'Secrets Manager pricing; not looked up again',
    isVerified: false,
  },
  alarmMetric: {
    what: 'CloudWatch alarm, for each metric that it watches',
    usd: 0.1,
    per: 1,
    unit: 'metric',
    source: 'CloudWatch pricing',
    isVerified: true,
  },
  dashboard: {
    what: 'CloudWatch dashboard',
    usd: 3,
    per: 1,
    unit: 'dashboard',
    source: 'CloudWatch pricing',
    isVerified: true,
  },
  customMetric: {
    what: 'CloudWatch custom metric',
    usd: 0.3,
    per: 1,
    unit: 'metric',
    source: 'CloudWatch pricing',
    isVerified: true,
  },
  tableGb: { what: 'DynamoDB storage', usd: 0.25, per: 1, unit: 'GB', source: 'DynamoDB pricing', isVerified: true },
  backupGb: {
    what: 'DynamoDB point-in-time recovery',
    usd: 0.2,
    per: 1,
    unit: 'GB',
    source: 'DynamoDB pricing',
    isVerified: true,
  },
  objectGb: { what: 'S3 Standard storage', usd: 0.023, per: 1, unit: 'GB', source: 'S3 pricing', isVerified: true },
  logStorageGb: {
    what: 'CloudWatch Logs, kept (compressed)',
    usd: 0.03,
    per: 1,
    unit: 'GB',
    source: 'CloudWatch pricing; not looked up again',
    isVerified: false,
  },
} as const satisfies Readonly<Record<string, Price>>;

export type MonthlyPart = keyof typeof monthlyPrices;

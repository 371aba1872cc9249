import type { Meter } from './usage.ts';

/** Where the number was read: on a page of its maker, with others who quote that page, or nowhere, so that it is an assumption. */
export type Seen = 'maker' | 'others' | 'nowhere';

/** A list price in us-east-1, November 2026, without free tiers and without discounts for volume. */
export type Price = Readonly<{
  what: string;
  usd: number;
  /** For so many units. */
  per: number;
  unit: string;
  source: string;
  seen: Seen;
}>;

const million = 1_000_000;

/** Which requests of a fair queue have the surcharge was not found: all of them are taken to. */
const queueUsd = { standard: 0.4, fair: 0.1 } as const;

const units = {
  usd: 0.625,
  per: million,
  unit: 'million',
  source: 'DynamoDB pricing, on demand',
  seen: 'others',
} as const;

export const meterPrices: Readonly<Record<Meter, Price>> = {
  tableWriteUnits: { what: 'DynamoDB write units, table', ...units },
  indexWriteUnits: { what: 'DynamoDB write units, indexes', ...units },
  readUnits: { ...units, what: 'DynamoDB read units', usd: 0.125 },
  lambdaRequests: {
    what: 'Lambda requests',
    usd: 0.2,
    per: million,
    unit: 'million',
    source: 'Lambda pricing',
    seen: 'others',
  },
  lambdaGbSeconds: {
    what: 'Lambda GB-seconds, arm64',
    usd: 13.3334,
    per: million,
    unit: 'million',
    source: 'Lambda pricing, first tier',
    seen: 'others',
  },
  tenantEnvironmentsGb: {
    what: 'Lambda environments in tenant isolation, GB of memory',
    usd: 133.334,
    per: million,
    unit: 'million',
    source: 'AWS News Blog says that there is a price by memory; the number is assumed: ten seconds of that memory',
    seen: 'nowhere',
  },
  queueRequests: {
    what: `SQS requests of a fair queue ($${queueUsd.standard.toFixed(2)} and $${queueUsd.fair.toFixed(2)} surcharge)`,
    usd: queueUsd.standard + queueUsd.fair,
    per: million,
    unit: 'million',
    source: 'SQS pricing; that every request has the surcharge is assumed',
    seen: 'others',
  },
  httpRequests: {
    what: 'API Gateway, HTTP API requests up to 512 KB',
    usd: 1,
    per: million,
    unit: 'million',
    source: 'API Gateway pricing',
    seen: 'others',
  },
  objectWrites: {
    what: 'S3 PUT, POST, LIST',
    usd: 5,
    per: million,
    unit: 'million',
    source: 'S3 pricing',
    seen: 'others',
  },
  objectReads: { what: 'S3 GET', usd: 0.4, per: million, unit: 'million', source: 'S3 pricing', seen: 'others' },
  schedules: {
    what: 'EventBridge Scheduler invocations',
    usd: 1,
    per: million,
    unit: 'million',
    source: 'EventBridge pricing',
    seen: 'others',
  },
  keyRequests: {
    what: 'KMS requests',
    usd: 0.03,
    per: 10_000,
    unit: '10,000',
    source: 'KMS pricing',
    seen: 'others',
  },
  secretRequests: {
    what: 'Secrets Manager requests',
    usd: 0.05,
    per: 10_000,
    unit: '10,000',
    source: 'Secrets Manager pricing',
    seen: 'others',
  },
  executions: {
    what: 'Step Functions, the two transitions of a heavy step',
    usd: 0.05,
    per: 1000,
    unit: '1,000',
    source: 'Step Functions pricing, $0.025 for 1,000 transitions',
    seen: 'maker',
  },
  logGb: {
    what: 'CloudWatch Logs, taken in',
    usd: 0.5,
    per: 1,
    unit: 'GB',
    source: 'CloudWatch pricing',
    seen: 'others',
  },
};

/** What costs by the month, whatever is done. */
export const monthlyPrices = {
  key: { what: 'KMS key', usd: 1, per: 1, unit: 'key', source: 'KMS pricing', seen: 'maker' },
  secret: {
    what: 'Secret in Secrets Manager',
    usd: 0.4,
    per: 1,
    unit: 'secret',
    source: 'Secrets Manager pricing',
    seen: 'others',
  },
  alarmMetric: {
    what: 'CloudWatch alarm, for each metric that it watches',
    usd: 0.1,
    per: 1,
    unit: 'metric',
    source: 'CloudWatch pricing',
    seen: 'others',
  },
  dashboard: {
    what: 'CloudWatch dashboard',
    usd: 3,
    per: 1,
    unit: 'dashboard',
    source: 'CloudWatch pricing',
    seen: 'others',
  },
  customMetric: {
    what: 'CloudWatch custom metric',
    usd: 0.3,
    per: 1,
    unit: 'metric',
    source: 'CloudWatch pricing',
    seen: 'others',
  },
  tableGb: { what: 'DynamoDB storage', usd: 0.25, per: 1, unit: 'GB', source: 'DynamoDB pricing', seen: 'others' },
  backupGb: {
    what: 'DynamoDB point-in-time recovery',
    usd: 0.2,
    per: 1,
    unit: 'GB',
    source: 'DynamoDB pricing',
    seen: 'others',
  },
  objectGb: { what: 'S3 Standard storage', usd: 0.023, per: 1, unit: 'GB', source: 'S3 pricing', seen: 'others' },
  logStorageGb: {
    what: 'CloudWatch Logs, kept (compressed)',
    usd: 0.03,
    per: 1,
    unit: 'GB',
    source: 'CloudWatch pricing',
    seen: 'nowhere',
  },
} as const satisfies Readonly<Record<string, Price>>;

export type MonthlyPart = keyof typeof monthlyPrices;

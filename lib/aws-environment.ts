/**
 * What the stack and its functions say to each other by name: variables that the stack sets and `lib/aws.ts` reads,
 * files that packaging lays beside a script, metrics that functions write and alarms read. Both sides import these, so
 * that neither can drift.
 */
export const VARIABLES = {
  table: 'TENON_TABLE',
  bucket: 'TENON_BUCKET',
  /** Id of the KMS key that seals tenants' secrets. */
  vaultKey: 'TENON_VAULT_KEY',
  /** ARN of the secret that holds the operator key. */
  operatorSecret: 'TENON_OPERATOR_SECRET',
  queueUrl: 'TENON_QUEUE_URL',
  queueArn: 'TENON_QUEUE_ARN',
  /** Group that one-time schedules belong to, and the role that lets them send to the queue. */
  scheduleGroup: 'TENON_SCHEDULE_GROUP',
  scheduleRole: 'TENON_SCHEDULE_ROLE',
  /** Name of the function that validates uploads, for those that find one which it did not hear of. */
  validatorFunction: 'TENON_VALIDATOR_FUNCTION',
  /** Comma-separated levels that tenants may have; the first is the one that a tenant gets without asking. */
  isolationLevels: 'TENON_ISOLATION_LEVELS',
  /** Name of the function in tenant isolation mode, and ARN of the role whose sessions reach one tenant's rows. */
  executorFunction: 'TENON_EXECUTOR_FUNCTION',
  tenantRole: 'TENON_TENANT_ROLE',
  /** ARN of the state machine that heavy steps start. */
  sandbox: 'TENON_SANDBOX',
  /** `1`: allow-lists may name loopback and private addresses. Absent: they may not. */
  allowPrivateEgress: 'TENON_ALLOW_PRIVATE_EGRESS',
  /** Processes that a tenant's code may cost within a day before it is suspended. */
  suspendAfterStrikes: 'TENON_SUSPEND_AFTER_STRIKES',
  /** JSON: what tenants are asked for what they use. */
  prices: 'TENON_PRICES',
  /** Name of the stack: the dimension that keeps the metrics of two stacks in one account apart. */
  stack: 'TENON_STACK',
} as const;

/** Files that stand beside the script of a function that runs tenants' code. */
export const FILES = {
  /** The script that sets up a context for tenants' code. */
  prelude: 'prelude.js',
  /** Folder: the built page. */
  page: 'page',
} as const;

/**
 * The tag of a session of the tenant role: whose rows, objects and secrets it reaches. Also the name by which a sealed
 * secret says whose it is, in its encryption context.
 */
export const TENANT_TAG = 'tenant';

/** Metrics that functions write as embedded metrics in their logs. */
export const METRICS = {
  namespace: 'Tenon',
  /** The dimension that keeps two stacks in one account apart. */
  stack: 'Stack',
  /** Count: overdue instances that a sweep found and woke. */
  sweeperFinds: 'SweeperFinds',
  /** Units of the table that functions used, as DynamoDB told them. */
  readUnits: 'ReadUnits',
  writeUnits: 'WriteUnits',
} as const;

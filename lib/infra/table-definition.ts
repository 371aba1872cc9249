/** The table as CloudFormation makes it. What the keys hold is the adapter's matter. */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; DynamoDB removes rows past it when it gets to it. */
  timeToLive: 'ttl',
  indexes: [
    { name: 'list', partitionKey: 'listPk', sortKey: 'listSk' },
    { name: 'wake', partitionKey: 'wakePk', sortKey: 'wakeSk' },
  ],
} as const;

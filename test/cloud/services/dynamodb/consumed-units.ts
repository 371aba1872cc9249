/** What one request consumed of one table. */
export interface ConsumedUnits {
  readonly table: string;
  readonly ofTable: number;
  readonly ofIndexes: Readonly<Record<string, number>>;
}

interface Report {
  readonly TableName: string;
  readonly CapacityUnits: number;
  readonly Table?: { readonly CapacityUnits: number };
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits: number }>>;
}

/** Out of an answer, asked for with `INDEXES`: one report, or one for each table of a batch. */
export const unitsIn = (reports: Report | readonly Report[] | undefined): readonly ConsumedUnits[] =>
  [reports ?? []].flat().map(({ TableName, CapacityUnits, Table, GlobalSecondaryIndexes = {} }) => ({
    table: TableName,
    ofTable: Table?.CapacityUnits ?? CapacityUnits,
    ofIndexes: Object.fromEntries(
      Object.entries(GlobalSecondaryIndexes).map(([index, units]) => [index, units.CapacityUnits]),
    ),
  }));

/** @param asked `ReturnConsumedCapacity` of the request; nothing is told where it asks for nothing */
export const reportOf = (
  { table, ofTable, ofIndexes }: ConsumedUnits,
  asked: string | undefined,
): Report | undefined => {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return undefined;
  const units = Object.entries(ofIndexes);
  const report = {
    TableName: table,
    CapacityUnits: units.reduce((sum, [, count]) => sum + count, ofTable),
  };
  if (asked === 'TOTAL') return report;
  return {
    ...report,
    Table: { CapacityUnits: ofTable },
    ...(units.length > 0 && {
      GlobalSecondaryIndexes: Object.fromEntries(units.map(([index, count]) => [index, { CapacityUnits: count }])),
    }),
  };
};

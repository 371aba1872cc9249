/** Hears of every call to the table: what usage and costs are counted from. Units as DynamoDB reports them, indexes included. */
export interface CapacityMeter {
  consumed(units: { readonly operation: string; readonly read: number; readonly write: number }): void;
}

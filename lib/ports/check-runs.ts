/** Has a check gone on with by whoever runs guests in the background; asking twice comes to the same. */
export interface CheckRuns {
  request(check: { readonly tenant: string; readonly version: string; readonly id: string }): Promise<void>;
}

/** Has everything of a tenant removed later, where that may take longer than a caller waits. */
export interface TenantRemovals {
  request(tenant: string): Promise<void>;
}

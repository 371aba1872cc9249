/** Where a tenant's code lies among the blobs. Parts come from checked ids and content hashes only. */
export const uploadName = (tenant: string, bundleId: string): string => `${tenant}/uploads/${bundleId}`;
export const codeName = (tenant: string, version: string): string => `${tenant}/versions/${version}/code.js`;
export const sourceMapName = (tenant: string, version: string): string => `${tenant}/versions/${version}/map.json`;

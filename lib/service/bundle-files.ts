import type { BlobStore } from '../ports/blob-store.ts';
import type { ExecutableBundle } from '../ports/executor.ts';

/** Where a tenant's code lies among the blobs. Parts come from checked ids and content hashes only. */
export const uploadName = (tenant: string, bundleId: string): string => `${tenant}/uploads/${bundleId}`;
export const codeName = (tenant: string, version: string): string => `${tenant}/versions/${version}/code.js`;
export const sourceMapName = (tenant: string, version: string): string => `${tenant}/versions/${version}/map.json`;

const VERSION_FILE = /^[^/]+\/versions\/[0-9a-f]{32}\/(?:code\.js|map\.json)$/;

/** Named by its content: it never changes. */
export const isVersionFile = (name: string): boolean => VERSION_FILE.test(name);

/** @throws Error where the version's files are gone: its tenant was deleted meanwhile */
export const readExecutable = async (
  blobs: Pick<BlobStore, 'get'>,
  tenant: string,
  version: string,
): Promise<ExecutableBundle> => {
  const [code, sourceMap] = await Promise.all([
    blobs.get(codeName(tenant, version)),
    blobs.get(sourceMapName(tenant, version)),
  ]);
  if (code === undefined || sourceMap === undefined) throw new Error('The executable of a version is missing');
  const decoder = new TextDecoder();
  return { code: decoder.decode(code), sourceMap: decoder.decode(sourceMap) };
};

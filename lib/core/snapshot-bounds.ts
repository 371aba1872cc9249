import { MAX_SNAPSHOTS, MAX_SNAPSHOTS_BYTES } from './limits.ts';

/**
 * Why a tenant cannot keep one more snapshot of that size; `undefined`: it can. For the tenant, the code first. Of two that are
 * taken at a time, both may find room for one.
 */
export const snapshotProblem = (
  kept: readonly { readonly bytes: number }[],
  taken: { readonly bytes: number; readonly maxBytes: number },
): string | undefined => {
  if (taken.bytes >= taken.maxBytes) {
    return `(snapshot.too_large) The workspace holds more than a snapshot may, ${megabytes(taken.maxBytes)}.`;
  }
  const bytes = kept.reduce((sum, snapshot) => sum + snapshot.bytes, taken.bytes);
  if (kept.length < MAX_SNAPSHOTS && bytes <= MAX_SNAPSHOTS_BYTES) return undefined;
  return (
    `(snapshot.quota_exceeded) A tenant keeps at most ${MAX_SNAPSHOTS} snapshots of ${megabytes(MAX_SNAPSHOTS_BYTES)} ` +
    'together: remove one that is needed no more by env.SANDBOX.deleteSnapshot.'
  );
};

/** Said of a workspace in which no command has ended yet. */
export const noWorkspace = (workspace: string): string =>
  `(snapshot.no_workspace) There is no workspace "${workspace}" yet: a command that names it makes it.`;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

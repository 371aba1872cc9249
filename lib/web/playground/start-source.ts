import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { HttpClient } from '../../client/http-client.ts';
import type { OperationAnswer, TenonClient } from '../../client/tenon-client.ts';

type Bundle = OperationAnswer<'GET /v1/tenants/{tenant}/bundles/{id}'>;
export type UploadProblem = Bundle['problems'][number];

export type Progress = 'uploading' | 'compiling' | 'starting';

/** What has become of uploads, by their source: the same source is not uploaded twice. */
export type KnownBundles = Map<string, Bundle>;

export interface StartRequest {
  readonly tenant: string;
  readonly known: KnownBundles;
  readonly source: string;
  /** Of those that the source exports; the first one where it does not export this. */
  readonly workflow: string | undefined;
  readonly id: string | undefined;
  readonly isToActivate: boolean;
  /** Absent: none. */
  readonly params: { readonly value: unknown } | undefined;
}

export type Started =
  | { readonly kind: 'started'; readonly workflow: string; readonly id: string; readonly version: string }
  | { readonly kind: 'rejected'; readonly problems: readonly UploadProblem[] };

const WAIT_S = 20;

/**
 * Uploads a source, waits for the verdict, and starts an instance on that very version. Which version is active stays as it
 * is, unless the request says so: what somebody tries out is nothing that the tenant's own callers should get.
 * @throws RefusedError, UnreachableError
 */
export const startSource = async (
  client: TenonClient,
  { tenant, known, source, workflow: wanted, id, isToActivate, params }: StartRequest,
  onProgress: (progress: Progress) => void,
): Promise<Started> => {
  const bundle = known.get(source) ?? (await upload(client, tenant, source, onProgress));
  if (bundle.version === undefined) return { kind: 'rejected', problems: bundle.problems };
  known.set(source, bundle);
  const names = bundle.workflows.map(({ name }) => name);
  const workflow = names.find((name) => name === wanted) ?? names[0];
  if (workflow === undefined) {
    const message = 'There is no workflow to start: export a class that extends WorkflowEntrypoint.';
    return { kind: 'rejected', problems: [{ code: 'playground.no_workflow', message }] };
  }
  onProgress('starting');
  if (isToActivate) {
    const path = { tenant, version: bundle.version };
    await client.call('POST /v1/tenants/{tenant}/versions/{version}/activate', { path });
  }
  const created = await client.call('POST /v1/tenants/{tenant}/workflows/{workflow}/instances', {
    path: { tenant, workflow },
    body: {
      version: bundle.version,
      ...(id !== undefined && { id }),
      ...(params !== undefined && { params: params.value }),
    },
  });
  return { kind: 'started', workflow, id: created.id, version: bundle.version };
};

const upload = async (
  client: TenonClient,
  tenant: string,
  source: string,
  onProgress: (progress: Progress) => void,
): Promise<Bundle> => {
  onProgress('uploading');
  const bytes = new TextEncoder().encode(source);
  const announced = await client.call('POST /v1/tenants/{tenant}/bundles', {
    path: { tenant },
    body: {
      size: bytes.length, // Not by `crypto.subtle`, which a page that came without TLS does not have.
      sha256: bytesToHex(sha256(bytes)),
      contentType: 'text/typescript',
      activate: false,
    },
  });
  const { url, headers } = announced.upload;
  await new HttpClient(location.origin, undefined).put(url, headers, bytes);
  onProgress('compiling');
  for (;;) {
    const bundle = await client.call('GET /v1/tenants/{tenant}/bundles/{id}', {
      path: { tenant, id: announced.bundle.id },
      query: { wait: WAIT_S },
    });
    if (bundle.status === 'ready' || bundle.status === 'rejected') return bundle;
  }
};

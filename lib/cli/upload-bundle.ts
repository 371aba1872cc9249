import { createHash } from 'node:crypto';
import type { HttpClient } from '../client/http-client.ts';
import { sizeText } from '../client/wording.ts';
import type { ShownBundle } from './api-types.ts';
import { during } from './during.ts';
import type { Terminal } from './terminal.ts';
import type { UploadSource } from './upload-source.ts';

interface Grant {
  readonly bundle: { readonly id: string };
  readonly upload: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

/** Announces, uploads, and waits until the bundle is ready or rejected. `tenantPath`: `/v1/tenants/<tenant>`. */
export const uploadBundle = async (params: {
  readonly client: HttpClient;
  readonly tenantPath: string;
  readonly source: Pick<UploadSource, 'bytes' | 'contentType'>;
  readonly activate: boolean;
  readonly terminal: Terminal;
}): Promise<ShownBundle> => {
  const { client, tenantPath, source, activate, terminal } = params;
  const { bytes, contentType } = source;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const grant = await client.call<Grant>('POST', `${tenantPath}/bundles`, {
    json: { size: bytes.length, sha256, contentType, activate },
  });
  const { url, headers } = grant.upload;
  await during(terminal, `Uploading ${sizeText(bytes.length)} ...`, client.put(url, headers, bytes));
  const path = `${tenantPath}/bundles/${encodeURIComponent(grant.bundle.id)}`;
  for (;;) {
    const look = client.call<ShownBundle>('GET', path, { query: { wait: 20 } });
    const bundle = await during(terminal, 'Compiling and checking the code ...', look);
    if (bundle.status === 'ready' || bundle.status === 'rejected') return bundle;
  }
};

import { createHash } from 'node:crypto';
import { type Answer, field, type HttpClient, textField } from './http-client.ts';

/** A tenant as its own callers see it. */
export type Tenant = Readonly<{ path: string; headers: Readonly<Record<string, string>> }>;

/** `more`: what the tenant gets beside its id, such as a level of isolation. */
export async function createTenant(
  client: HttpClient,
  operatorKey: string,
  id: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Tenant> {
  const answer = await client.send('POST', '/v1/tenants', { json: { id, ...more }, headers: bearer(operatorKey) });
  if (answer.status !== 201) throw unexpected(`the creation of tenant ${id}`, answer);
  return { path: `/v1/tenants/${id}`, headers: bearer(textField(answer.body, 'apiKey')) };
}

/** Declares the bundle, puts the file where the answer says, and waits until it is a version. */
export async function deployBundle(client: HttpClient, tenant: Tenant, bytes: Buffer<ArrayBuffer>): Promise<void> {
  const declared = await client.send('POST', `${tenant.path}/bundles`, {
    json: {
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'text/javascript',
    },
    headers: tenant.headers,
  });
  if (declared.status !== 201) throw unexpected('the declaration of a bundle', declared);
  const upload = field(declared.body, 'upload');
  const uploaded = await fetch(new URL(textField(upload, 'url')), {
    method: 'PUT',
    headers: headersOf(field(upload, 'headers')),
    body: bytes,
  });
  if (!uploaded.ok) throw unexpected('the upload', { status: uploaded.status, body: await uploaded.text() });
  const bundleId = textField(field(declared.body, 'bundle'), 'id');
  const ready = await client.send('GET', `${tenant.path}/bundles/${bundleId}?wait=20`, { headers: tenant.headers });
  if (field(ready.body, 'status') !== 'ready') throw unexpected('the bundle', ready);
}

export function unexpected(what: string, answer: Answer): Error {
  return new Error(`tenon: ${what} answered ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 1000)}`);
}

function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}

function headersOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpClient } from '../client/http-client.ts';
import type { InstanceDetail } from './api-types.ts';
import type { Terminal } from './terminal.ts';
import { painter } from './terminal.ts';
import { timelineText } from './timeline-text.ts';
import { uploadBundle } from './upload-bundle.ts';
import { readUploadSource } from './upload-source.ts';

export interface DemoOptions {
  readonly url: string;
  readonly operatorKey: string;
  readonly dataFolder: string;
  readonly terminal: Terminal;
}

const TENANT = 'demo';
const WORKFLOW = 'ApprovalChain';
const INSTANCE = 'first-approval';
const EXAMPLE = fileURLToPath(new URL('../../tenant-examples/approval-chain/', import.meta.url));
const APPROVALS = [
  { approved: true, by: 'Ada' },
  { approved: true, by: 'Grace' },
];

/** The first start: a tenant, its workflow, one instance with its approvals, over HTTP like anybody's. */
export const runDemo = async ({ url, operatorKey, dataFolder, terminal }: DemoOptions): Promise<void> => {
  const operator = new HttpClient(url, operatorKey);
  const { apiKey } = await operator.call<{ apiKey: string }>('POST', '/v1/tenants', { json: { id: TENANT } });
  const keyFile = join(dataFolder, 'demo-key');
  writeFileSync(keyFile, `${apiKey}\n`, { mode: 0o600 });

  const tenant = new HttpClient(url, apiKey);
  await deploy(tenant, terminal);
  const instances = `/v1/tenants/${TENANT}/workflows/${WORKFLOW}/instances`;
  const params: unknown = JSON.parse(readFileSync(join(EXAMPLE, 'input.json'), 'utf8'));
  await tenant.call('POST', instances, { json: { id: INSTANCE, params } });
  for (const json of APPROVALS) await tenant.call('POST', `${instances}/${INSTANCE}/events/approval`, { json });
  const detail = await tenant.call<InstanceDetail>('GET', `${instances}/${INSTANCE}`, { query: { wait: 20 } });

  terminal.print(timelineText(detail, { now: terminal.now(), paint: painter(terminal.isColoured), outputLimit: 200 }));
  terminal.print(nextSteps({ url, dataFolder, keyFile, instances }));
};

const deploy = async (client: HttpClient, terminal: Terminal): Promise<void> => {
  const source = readUploadSource('workflow.ts', join(EXAMPLE, 'workflow.ts'));
  const tenantPath = `/v1/tenants/${TENANT}`;
  const bundle = await uploadBundle({ client, tenantPath, source, activate: true, terminal });
  if (bundle.status !== 'ready') throw new Error(`the example's bundle is ${bundle.status}`);
};

const nextSteps = (place: {
  readonly url: string;
  readonly dataFolder: string;
  readonly keyFile: string;
  readonly instances: string;
}): string => {
  const key = `-H "Authorization: Bearer $(cat ${place.keyFile})"`;
  return [
    '',
    `Tenon is up at ${place.url}. The tenant "${TENANT}" has run its first workflow.`,
    `Keys: operator ${join(place.dataFolder, 'operator-key')}, tenant ${place.keyFile}`,
    'Try next:',
    `  curl -X POST ${key} -H 'Content-Type: application/json' -d '{"id":"mine","params":{"document":"plan.pdf","requestedBy":"you"}}' ${place.url}${place.instances}`,
    `  curl -X POST ${key} -d '{"approved":true,"by":"you"}' ${place.url}${place.instances}/mine/events/approval`,
    `  curl ${key} ${place.url}${place.instances}/mine`,
  ].join('\n');
};

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TenantWorld, World } from '../conformance/world.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../tenant-examples/approval-chain/workflow.ts');
const WORKFLOW = 'ApprovalChain';

export interface SampleTenant {
  readonly id: string;
  readonly key: string;
  readonly world: TenantWorld;
  readonly workflow: string;
  /** Versions: that of the waiting instances, and the active one, whose steps are named otherwise. */
  readonly first: string;
  readonly second: string;
  readonly finished: readonly string[];
  readonly waiting: readonly string[];
  readonly failed: string;
}

const DIGEST = `
export class Digest extends WorkflowEntrypoint {
  async run(event, step) {
    return step.do('collect', async () => ({ items: 3 }));
  }
}
`;

/** A tenant as one looks after a while: some instances finished, some wait, one has failed, and there are two versions. */
export const seed = async (world: World, id = 'acme'): Promise<SampleTenant> => {
  const tenant = await world.tenant({ id, name: 'Acme Publishing' });
  const source = readFileSync(EXAMPLE, 'utf8');
  const first = await tenant.deploy(source);
  const create = (name: string, params: unknown) => tenant.create(params, { id: name, workflow: WORKFLOW });
  const finished = ['handbook', 'price-list', 'annual-report'];
  for (const name of finished) {
    const instance = await create(name, { document: `${name}.pdf`, requestedBy: 'Ada' });
    for (const by of ['Grace', 'Edsger']) await instance.send('approval', { approved: true, by });
    await instance.finished();
  }
  const failed = 'scan-of-a-fax';
  const broken = await create(failed, { document: 'fax.tiff', requestedBy: 'Niklaus' });
  await broken.send('approval', null);
  await broken.finished();
  const waiting = ['contract-17', 'contract-18', 'travel-policy'];
  for (const name of waiting) {
    const instance = await create(name, { document: `${name}.pdf`, requestedBy: 'Barbara' });
    await instance.waiting();
  }
  const second = await tenant.deploy(source.replace("'open the request'", "'open the file'") + DIGEST);
  const { body } = await world.operator.expect(201, 'POST', `/v1/tenants/${id}/keys`);
  return { id, key: body.apiKey, world: tenant, workflow: WORKFLOW, first, second, finished, waiting, failed };
};

import { startEmbedded } from '../../lib/embedded.ts';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { World } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { folderToText } from './folder-text.ts';
import type { CompatFolder } from './releases.ts';

export const TENANT = 'ada';
/** Of the folder alone: whoever opens it says which one holds. */
export const OPERATOR_KEY = 'ok_of-a-folder-kept-for-tests';

/** Paused, since nothing of a paused instance runs out: the folder can be opened at any time from now on. */
export const SOURCE = `
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Order { total: number }

export class Order extends WorkflowEntrypoint<{ CURRENCY: string }, Order> {
  async run(event: WorkflowEvent<Order>, step: WorkflowStep) {
    const parts = await step.do('split', async () => ({
      at: new Date(0), lines: new Map([['first', event.payload.total]]), big: 1n, bytes: new Uint8Array([1, 2]),
    }));
    const caught = await step.do('refused', { retries: { limit: 0, delay: 1 } }, async () => {
      throw new RangeError('too much');
    }).catch((error) => [error instanceof RangeError, error.message]);
    await step.sleep('a moment', 1);
    const { payload } = await step.waitForEvent<{ by: string }>('approval', { type: 'approved', timeout: '1 day' });
    return await step.do('finish', async () => ({
      total: parts.lines.get('first'), at: parts.at.getTime(), big: String(parts.big), bytes: [...parts.bytes],
      caught, by: payload.by, currency: this.env.CURRENCY,
    }));
  }
}
`;

/** A data folder of this release, with one instance that waits for its approval and one that has it in its inbox; both paused. */
export const recordFolder = async (): Promise<CompatFolder> => {
  const folder = makeFolder();
  const ledger = new Ledger();
  await ledger.listen();
  const service = await startEmbedded({
    port: 0,
    host: '127.0.0.1',
    dataFolder: folder.path,
    operatorKey: OPERATOR_KEY,
    allowPrivateEgress: false,
    print: () => {},
  });
  try {
    const world = new World({ url: service.url, operatorKey: OPERATOR_KEY, ledger, canOwnServer: false });
    const tenant = await world.tenant({ id: TENANT });
    const operator = new Api(service.url, OPERATOR_KEY);
    await operator.expect(200, 'PUT', `${tenant.path}/env/CURRENCY`, { json: { value: 'EUR' } });
    await tenant.deploy(SOURCE);
    for (const id of ['waiting', 'answered']) {
      const instance = await tenant.create({ total: 12 }, { workflow: 'Order', id });
      await instance.waiting('approval');
      await instance.control('pause');
      await instance.status('paused');
      if (id === 'answered') await instance.send('approved', { by: 'grace' });
    }
  } finally {
    await service.close();
    await ledger.close();
  }
  const text = folderToText(folder.path);
  folder.remove();
  return text;
};

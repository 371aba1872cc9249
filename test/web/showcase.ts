import type { Instance, TenantWorld, World } from '../conformance/world.ts';

/** An order that has met most of what can happen to a workflow, and waits for a manager. */
export const SHOWCASE = `import { WorkflowEntrypoint } from 'cloudflare:workers';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Orders extends WorkflowEntrypoint {
  async run({ payload }, step) {
    console.info('order', payload.order, 'has', payload.items.length, 'items');
    const prices = await Promise.all(
      payload.items.map(({ sku }) => step.do('price ' + sku, async () => {
        await pause(20 + sku.length * 10);
        console.debug('asked for the price of', sku);
        return { sku, cents: 1_000 + sku.length * 250, at: new Date() };
      })),
    );
    await step.do('reserve stock', { retries: { limit: 3, delay: 120, backoff: 'constant' } }, async ({ attempt }) => {
      await pause(35);
      if (attempt < 3) {
        console.warn('the warehouse is busy, attempt', attempt);
        throw new Error('the warehouse is busy');
      }
      return { shelf: new Map([['a', 4n]]), reserved: true };
    }, { rollback: async () => {} });
    await step.sleep('let the customer think', 2_500);
    const decision = await step.waitForEvent('manager', { type: 'approval', timeout: '2 days' });
    if (!decision.payload.approved) throw new RangeError('refused by ' + decision.payload.by);
    const total = prices.reduce((sum, { cents }) => sum + cents, 0);
    await step.do('charge', async () => {
      await pause(60);
      console.info('charged', total);
      return { total };
    });
    return { order: payload.order, total, by: decision.payload.by };
  }
}
`;

export const ORDER = {
  order: 'A-1042',
  customer: { name: 'Ada', country: 'GB' },
  items: [{ sku: 'lamp' }, { sku: 'desk-oak' }, { sku: 'chair' }],
};

export const placeOrder = async (world: World, id: string): Promise<{ tenant: TenantWorld; order: Instance }> => {
  const tenant = await world.deployed(SHOWCASE, { id });
  const order = await tenant.create(ORDER, { id: 'order-1042', workflow: 'Orders' });
  return { tenant, order };
};

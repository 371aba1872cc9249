import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';

interface Params {
  order: string;
  items: string[];
  /** Which part goes wrong, to see the compensation. */
  failAt?: 'payment' | 'shipping';
}

/** What has been done is undone in reverse order when a later part fails. */
export class OrderSaga extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { order, items, failAt } = event.payload;
    const undo: { name: string; act: () => Promise<string> }[] = [];

    try {
      const reservation = await step.do('reserve stock', async () => ({ id: `R-${order}`, items }));
      undo.push({ name: 'release stock', act: async () => `${reservation.id} released` });

      const payment = await step.do('take payment', async () => {
        if (failAt === 'payment') throw new NonRetryableError('the bank said no');
        return { id: `P-${order}` };
      });
      undo.push({ name: 'give the money back', act: async () => `${payment.id} refunded` });

      const parcel = await step.do('ship', { retries: { limit: 2, delay: 10, backoff: 'constant' } }, async () => {
        if (failAt === 'shipping') throw new Error('no carrier answers');
        return { tracking: `T-${order}` };
      });
      return { outcome: 'shipped', tracking: parcel.tracking };
    } catch (error) {
      const undone: string[] = [];
      for (const { name, act } of undo.reverse()) undone.push(await step.do(name, act));
      return { outcome: 'cancelled', because: error instanceof Error ? error.message : String(error), undone };
    }
  }
}

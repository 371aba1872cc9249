import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';

interface Params {
  order: string;
  items: string[];
  /** Which part goes wrong, to see the way back. */
  failAt?: 'payment' | 'shipping';
}

const SEVERAL_TIMES = { retries: { limit: 5, delay: '1 minute', backoff: 'exponential' } } as const;

/** Each step says how it is undone; when a later one fails for good, the handlers run from the last step back. */
export class OrderSaga extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { order, items, failAt } = event.payload;

    const reservation = await step.do('reserve stock', async () => ({ id: `R-${order}`, items }), {
      rollback: async ({ output }) => {
        // Nothing was reserved where the step did not succeed.
        if (output !== undefined) console.log(`${output.id} released`);
      },
    });

    const payment = await step.do(
      'take payment',
      async () => {
        if (failAt === 'payment') throw new NonRetryableError('the bank said no');
        return { id: `P-${order}`, of: reservation.id };
      },
      {
        rollback: async ({ output, error }) => {
          if (output !== undefined) console.log(`${output.id} refunded, since ${error.message}`);
        },
        rollbackConfig: SEVERAL_TIMES,
      },
    );

    const parcel = await step.do('ship', { retries: { limit: 2, delay: 10, backoff: 'constant' } }, async () => {
      if (failAt === 'shipping') throw new Error('no carrier answers');
      return { tracking: `T-${order}` };
    });
    return { outcome: 'shipped', payment: payment.id, tracking: parcel.tracking };
  }
}

import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';

interface Ticket {
  id: string;
  order: { id: string; paid: number; daysAgo: number };
  complaint: string;
}

interface Decision {
  approved: boolean;
  by: string;
  /** In place of what the plan would have paid back. */
  refund?: number;
}

/**
 * A plan as a model writes it for one ticket, posted as source and run at once. What it may do by itself it does; before money
 * moves a person looks at it, and silence is a no.
 */
export class Plan extends WorkflowEntrypoint<unknown, Ticket> {
  async run(event: WorkflowEvent<Ticket>, step: WorkflowStep) {
    const { id, order, complaint } = event.payload;

    const [policy, history] = await Promise.all([
      step.do('read the refund policy', async () => ({ days: 30, most: 200, share: { broken: 1, late: 0.2 } })),
      step.do('look up earlier refunds', async () => ({ lastYear: 0 })),
    ]);

    const proposal = await step.do('propose a refund', async () => {
      if (order.daysAgo > policy.days) throw new NonRetryableError(`the order is ${order.daysAgo} days old`);
      const reason = /broken|cracked/.test(complaint) ? 'broken' : 'late';
      return {
        reason,
        refund: Math.min(policy.most, order.paid * policy.share[reason]),
        refundsBefore: history.lastYear,
      };
    });

    const decision = await step
      .waitForEvent<Decision>('a person looks at it', { type: 'decision', timeout: '2 days' })
      .then(({ payload }) => payload)
      .catch((): Decision => ({ approved: false, by: 'nobody' }));
    if (!decision.approved) return { ticket: id, outcome: 'handed over', because: `refused by ${decision.by}` };

    const refund = decision.refund ?? proposal.refund;
    const payment = await step.do('pay back', { retries: { limit: 3, delay: '10 seconds' } }, async () => ({
      reference: `RF-${order.id}`,
      amount: refund,
    }));
    await step.do('answer the customer', async () => `${id}: ${payment.amount} paid back (${payment.reference})`);
    return { ticket: id, outcome: 'refunded', amount: payment.amount, approvedBy: decision.by };
  }
}

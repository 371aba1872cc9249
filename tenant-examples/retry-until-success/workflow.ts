import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';

interface Params {
  /** The attempt that succeeds. */
  succeedsAt: number;
  card?: string;
}

export class RetryUntilSuccess extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { succeedsAt, card = 'valid' } = event.payload;

    const delivered = await step.do(
      'deliver',
      { retries: { limit: 8, delay: 10, backoff: 'linear' }, timeout: '5 seconds' },
      async ({ attempt }) => {
        if (attempt < succeedsAt) throw new Error(`the other side is busy (attempt ${attempt})`);
        return { attempts: attempt };
      },
    );

    const charged = await step
      .do('charge', { retries: { limit: 8, delay: 10 } }, async () => {
        if (card === 'stolen') throw new NonRetryableError('the card was reported stolen');
        return 'charged';
      })
      .catch((error: Error) => `not charged: ${error.message}`);

    return { attempts: delivered.attempts, charged };
  }
}

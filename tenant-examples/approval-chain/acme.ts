import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  invoice: string;
  amount: number;
}

interface Approval {
  approved: boolean;
  by: string;
}

const NEEDS_A_PERSON = 500;
const NEEDS_THE_BOARD = 10_000;

/** Another tenant's chain of the same name: who has to say yes depends on the amount, and silence is a no. */
export class ApprovalChain extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { invoice, amount } = event.payload;
    const approvers = await step.do('find out who approves', async () => {
      if (amount < NEEDS_A_PERSON) return [];
      return amount < NEEDS_THE_BOARD ? ['manager'] : ['manager', 'board'];
    });

    const approvedBy: string[] = [];
    for (const approver of approvers) {
      const decision = await this.decide(step, approver);
      if (!decision.approved) return { invoice, outcome: 'refused', approvedBy, refusedBy: decision.by };
      approvedBy.push(decision.by);
    }

    const payment = await step.do('pay', async () => ({ invoice, amount, reference: `PAY-${invoice}` }));
    return { invoice, outcome: 'paid', approvedBy, reference: payment.reference };
  }

  private async decide(step: WorkflowStep, approver: string): Promise<Approval> {
    try {
      const event = await step.waitForEvent<Approval>(`approval by the ${approver}`, {
        type: 'approval',
        timeout: '3 days',
      });
      return event.payload;
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowTimeoutError') {
        return { approved: false, by: `silence of the ${approver}` };
      }
      throw error;
    }
  }
}

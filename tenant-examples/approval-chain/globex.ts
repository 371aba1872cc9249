import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  contract: string;
  supplier: string;
}

interface Approval {
  approved: boolean;
  by: string;
}

/** A third tenant's chain of the same name: three say yes, each to an event type of its own, so that none answers for another. */
export class ApprovalChain extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { contract, supplier } = event.payload;
    const signedBy: string[] = [];
    for (const approver of ['buyer', 'security', 'legal']) {
      const { payload } = await step.waitForEvent<Approval>(`signature of ${approver}`, {
        type: `${approver}-signs`,
        timeout: '30 days',
      });
      if (!payload.approved) return { contract, outcome: 'refused', signedBy, refusedBy: payload.by };
      signedBy.push(payload.by);
    }
    const filed = await step.do('file the contract', async () => `${supplier}/${contract}`);
    return { contract, outcome: 'signed', signedBy, filed };
  }
}

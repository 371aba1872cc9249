import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  document: string;
  requestedBy: string;
}

interface Approval {
  approved: boolean;
  by: string;
  comment?: string;
}

/** Two people say yes, one after the other: the team lead, then finance. The first no ends it. */
export class ApprovalChain extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { document, requestedBy } = event.payload;
    const request = await step.do('open the request', async () => ({
      document,
      requestedBy,
      title: `Approve ${document}`,
    }));

    const decisions: Approval[] = [];
    for (const approver of ['team lead', 'finance']) {
      await step.do(`ask the ${approver}`, async () => `${request.title}: waiting for the ${approver}`);
      const { payload } = await step.waitForEvent<Approval>(`decision of the ${approver}`, {
        type: 'approval',
        timeout: '7 days',
      });
      decisions.push(payload);
      if (!payload.approved) {
        const reason = payload.comment ?? 'no reason given';
        await step.do('tell the requester', async () => `${requestedBy}: refused by ${payload.by} (${reason})`);
        return { outcome: 'refused', decisions };
      }
    }

    await step.do('tell the requester', async () => `${requestedBy}: ${document} is approved`);
    return { outcome: 'approved', decisions };
  }
}

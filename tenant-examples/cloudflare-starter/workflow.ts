import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  email: string;
  metadata: Record<string, string>;
}

interface Env {
  WORKFLOWS: Workflow<Params>;
}

export class MyWorkflow extends WorkflowEntrypoint<Env, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const files = await step.do('my first step', async () => ({
      inputParams: event,
      files: ['doc_7392_rev3.pdf', 'report_x29_final.pdf', 'memo_2024_05_12.pdf', 'file_089_update.pdf'],
    }));

    const approval = await step.waitForEvent<{ approved: boolean }>('request-approval', {
      type: 'approval',
      timeout: '1 minute',
    });

    const summary = await step.do('some other step', async () => ({
      to: files.inputParams.payload.email,
      count: files.files.length,
      approved: approval.payload.approved,
    }));

    await step.sleep('wait on something', '2 seconds');

    await step.do(
      'make a call to write that could maybe, just might, fail',
      {
        retries: { limit: 5, delay: '1 second', backoff: 'exponential' },
        timeout: '15 minutes',
      },
      async ({ attempt }) => {
        if (attempt < 2) throw new Error('the storage did not answer');
      },
    );
    return summary;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const id = new URL(request.url).searchParams.get('instanceId');
    if (id !== null) {
      const instance = await env.WORKFLOWS.get(id);
      return Response.json({ status: await instance.status() });
    }
    const instance = await env.WORKFLOWS.create();
    return Response.json({ id: instance.id, details: await instance.status() });
  },
};

import { WorkflowEntrypoint } from 'cloudflare:workers';

// The same bytes go to Tenon and to Cloudflare's Worker Loader. Each step is a no-op but for passing a number on, so that
// the output of every instance can be checked.
export class TenSteps extends WorkflowEntrypoint {
  async run(event, step) {
    let total = event.payload.start;
    for (let index = 0; index < event.payload.steps; index++) {
      total = await step.do(`step-${index}`, async () => total + index);
    }
    return { total };
  }
}

// Cloudflare has no public call that creates an instance of a tenant's workflow: the tenant's own code does it.
export default {
  async fetch(request, env) {
    const instance = await env.WORKFLOWS.create({ params: await request.json() });
    return Response.json({ id: await instance.id });
  },
};

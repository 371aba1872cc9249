import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  name?: string;
}

interface Env {
  WORKFLOWS: Workflow<Params>;
}

/** Three steps with two pauses of two seconds, and lines on the console along the way. */
export class TenantWorkflow extends WorkflowEntrypoint<Env, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const name = event.payload?.name ?? 'world';
    console.log('a workflow starts for', name);

    const greeting = await step.do('compose greeting', async () => {
      const text = `Hello, ${name}!`;
      console.log('composed', text);
      return text;
    });
    await step.sleep('pause for effect', '2 seconds');

    const shouted = await step.do('shout it', async () => {
      const text = `${greeting.toUpperCase()}!!!`;
      console.warn('shouted', text);
      return text;
    });
    await step.sleep('catch breath', '2 seconds');

    const summary = await step.do('summarise', async () => ({ original: greeting, shouted, length: shouted.length }));
    console.log('returns', summary);
    return summary;
  }
}

export default {
  /** `{ id, payload }` starts an instance; the id of a handle may be awaited or not. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const { id, payload } = (await request.json()) as { id?: string; payload?: Params };
    const instance = await env.WORKFLOWS.create({
      ...(id === undefined ? {} : { id }),
      ...(payload === undefined ? {} : { params: payload }),
    });
    return Response.json({ id: await instance.id, status: await instance.status() });
  },
};

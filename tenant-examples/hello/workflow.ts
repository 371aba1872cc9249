import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  name?: string;
}

export class Hello extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const greeting = await step.do('greet', async () => `Hello, ${event.payload.name ?? 'world'}!`);
    await step.sleep('take a breath', 20);
    const length = await step.do('count the letters', async () => greeting.length);
    return { greeting, length };
  }
}

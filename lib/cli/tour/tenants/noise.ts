import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

export class Noise extends WorkflowEntrypoint<unknown, unknown> {
  override async run(_event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<void> {
    await step.do('never end', { retries: { limit: 0, delay: 1 } }, async () => {
      for (;;);
    });
  }
}

import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Env {
  /** Where the outside world is: it counts what it is asked for. */
  readonly OUTSIDE: string;
}

export class Order extends WorkflowEntrypoint<Env, { readonly item: string }> {
  override async run(event: WorkflowEvent<{ readonly item: string }>, step: WorkflowStep): Promise<string> {
    const ask = async (what: string): Promise<string> => {
      const response = await fetch(`${this.env.OUTSIDE}/${what}`, { method: 'POST' });
      return response.text();
    };
    await step.do('reserve', () => ask('reserve'));
    const { payload } = await step.waitForEvent<{ readonly by: string }>('approval', {
      type: 'approved',
      timeout: '7 days',
    });
    await step.do('charge', () => ask('charge'));
    await step.do('pack', () => ask('pack'));
    await step.do('ship', () => ask('ship'));
    return `${event.payload.item} shipped, approved by ${payload.by}`;
  }
}

/** What a quiet tenant does all day. */
export class Greeting extends WorkflowEntrypoint<Env, { readonly name: string }> {
  override async run(event: WorkflowEvent<{ readonly name: string }>, step: WorkflowStep): Promise<string> {
    return step.do('greet', async () => `Hello, ${event.payload.name}!`);
  }
}

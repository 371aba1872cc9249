import { WorkflowEntrypoint } from 'cloudflare:workers';

// Instances of the kinds whose costs differ. What steps compute is nothing: what is measured is everything around it.
export class Pure extends WorkflowEntrypoint {
  async run(event, step) {
    let total = event.payload.start;
    for (let index = 0; index < event.payload.steps; index++) {
      total = await step.do(`step-${index}`, async () => total + index);
    }
    return { total };
  }
}

export class Effectful extends WorkflowEntrypoint {
  async run(event, step) {
    let total = 0;
    for (let index = 0; index < event.payload.steps; index++) {
      total += await step.do(`call-${index}`, async () => (await fetch(event.payload.url)).status);
    }
    return { total };
  }
}

export class Approval extends WorkflowEntrypoint {
  async run(event, step) {
    const draft = await step.do('draft', async () => event.payload.subject);
    await step.do('tell', async () => draft);
    const { payload } = await step.waitForEvent('decision', { type: 'decided', timeout: '1 day' });
    const by = await step.do('note', async () => payload.by);
    return await step.do('close', async () => ({ draft, by }));
  }
}

export class Sleeper extends WorkflowEntrypoint {
  async run(event, step) {
    await step.sleep('first', `${event.payload.seconds} seconds`);
    await step.sleep('second', `${event.payload.seconds} seconds`);
    return { slept: 2 };
  }
}

/** What the smoke test uploads. It calls nobody: where it runs, nothing of ours can be reached. */
export const SMOKE_SOURCE = `
import { WorkflowEntrypoint } from 'cloudflare:workers';

export class Steps extends WorkflowEntrypoint {
  async run(event, step) {
    let sum = 0;
    for (let part = 1; part <= event.payload.parts; part += 1) sum += await step.do('add', async () => part);
    return { sum, instance: event.instanceId };
  }
}

export class Nap extends WorkflowEntrypoint {
  async run(event, step) {
    const before = await step.do('before', async () => Date.now());
    await step.sleep('nap', event.payload.seconds + ' seconds');
    return (await step.do('after', async () => Date.now())) - before;
  }
}

export class Approval extends WorkflowEntrypoint {
  async run(event, step) {
    const { payload } = await step.waitForEvent('decision', { type: 'decided', timeout: '1 hour' });
    return await step.do('note', async () => payload);
  }
}

export class Retry extends WorkflowEntrypoint {
  async run(event, step) {
    const retries = { limit: 3, delay: '1 second', backoff: 'constant' };
    return await step.do('deliver', { retries }, async ({ attempt }) => {
      if (attempt < 3) throw new Error('busy in attempt ' + attempt);
      return attempt;
    });
  }
}

export default {
  async fetch(request) {
    return Response.json({ path: new URL(request.url).pathname });
  },
};
`;

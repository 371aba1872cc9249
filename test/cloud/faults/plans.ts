/** What tenants of the faults run upload. `LEDGER` becomes an address that notes what it is told. */
export const FAULTS_SOURCE = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
const often = { retries: { limit: 30, delay: 500, backoff: 'constant' } };
const doing = (step, event, name) => step.do(name, often, async () => {
  await fetch(LEDGER + '/' + event.instanceId + ' ' + name, { method: 'POST' });
  return name;
});
const unlessThere = async (act) => {
  try { await act(); } catch (error) { if (!String(error.message).includes('already_exists')) throw error; }
};

export class Steps extends WorkflowEntrypoint {
  async run(event, step) {
    const done = [];
    for (const name of ['a', 'b', 'c', 'd']) done.push(await doing(step, event, name));
    return done.join('');
  }
}
export class Sleeps extends WorkflowEntrypoint {
  async run(event, step) {
    const before = await doing(step, event, 'before');
    await step.sleep('nap', 2_000);
    return [before, await doing(step, event, 'after')].join(' ');
  }
}
export class Events extends WorkflowEntrypoint {
  async run(event, step) {
    await doing(step, event, 'asked');
    const got = [];
    for (const name of ['one', 'two']) got.push((await step.waitForEvent(name, { type: 'told' })).payload);
    return got.join(' ');
  }
}
export class Retries extends WorkflowEntrypoint {
  async run(event, step) {
    return step.do('late', often, async (context) => {
      await fetch(LEDGER + '/' + event.instanceId + ' late', { method: 'POST' });
      if (context.attempt < 3) throw new Error('not yet');
      return 'late';
    });
  }
}
export class Parents extends WorkflowEntrypoint {
  async run(event, step) {
    const id = 'of-' + event.instanceId;
    await step.do('begin', often, async () => {
      await unlessThere(() => this.env.WORKFLOWS.for('Children').create({ id, params: { parent: event.instanceId } }));
    });
    const { payload } = await step.waitForEvent('child', { type: 'done' });
    return payload;
  }
}
export class Children extends WorkflowEntrypoint {
  async run(event, step) {
    const made = await doing(step, event, 'made');
    await step.do('tell', often, async () => {
      const parent = await this.env.WORKFLOWS.for('Parents').get(event.payload.parent);
      await parent.sendEvent({ type: 'done', payload: made });
    });
    return made;
  }
}
`;

/** One kind of instance: what it must come to, and the steps whose effects the ledger has. */
export interface Plan {
  readonly workflow: string;
  readonly output: string;
  readonly effects: readonly string[];
  /** Payloads of events that a client sends, one after the other. */
  readonly events: readonly string[];
}

const EVENTS: Plan = { workflow: 'Events', output: 'first second', effects: ['asked'], events: ['first', 'second'] };

export const PLANS: readonly Plan[] = [
  { workflow: 'Steps', output: 'abcd', effects: ['a', 'b', 'c', 'd'], events: [] },
  { workflow: 'Sleeps', output: 'before after', effects: ['before', 'after'], events: [] },
  EVENTS,
  { workflow: 'Retries', output: 'late', effects: ['late'], events: [] },
  { workflow: 'Parents', output: 'made', effects: [], events: [] },
];

export const CHILDREN: Plan = { workflow: 'Children', output: 'made', effects: ['made'], events: [] };

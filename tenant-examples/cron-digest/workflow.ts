import { type TenantStorage, WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Env {
  STORAGE: TenantStorage;
}

interface Params {
  /** Tickets that come with the run; others may have been kept before by anybody of the tenant. */
  tickets?: { id: string; title: string }[];
}

export class CronDigest extends WorkflowEntrypoint<Env, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const { STORAGE } = this.env;
    const { tickets = [] } = event.payload;

    await step.do('keep', async () => {
      for (const { id, title } of tickets) await STORAGE.put(`ticket/${id}`, title);
    });

    const gathered = await step.do('gather', async () => {
      const found: { key: string; title: string }[] = [];
      let cursor: string | undefined;
      do {
        const page = await STORAGE.list<string>({ prefix: 'ticket/', cursor });
        found.push(...page.items.map(({ key, value }) => ({ key, title: value })));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return found;
    });
    if (gathered.length === 0) return 'nothing new';

    // The tick's moment, and not the run's: a tick that was made up for says which one it stands for.
    const heading = event.schedule === undefined ? 'On demand' : new Date(event.schedule.scheduledTime).toISOString();
    const digest = await step.do('write', async () =>
      [heading, ...gathered.map(({ title }) => `- ${title}`)].join('\n'),
    );

    // Only what the digest has: what came in meanwhile is for the next one.
    await step.do('clear', async () => {
      for (const { key } of gathered) await STORAGE.delete(key);
    });
    return digest;
  }
}

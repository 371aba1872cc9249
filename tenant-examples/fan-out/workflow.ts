import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  words: string[];
}

/** One step a word, all at once; a slow one is overtaken and the result keeps the order of the words all the same. */
export class FanOut extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const counts = await Promise.all(
      event.payload.words.map((word) => step.do(`count ${word}`, async () => ({ word, letters: word.length }))),
    );
    const first = await Promise.race([
      step.sleep('slow', '1 hour').then(() => 'slow'),
      step.do('fast', async () => 'fast'),
    ]);
    const total = await step.do('add up', async () => counts.reduce((sum, { letters }) => sum + letters, 0));
    return { counts, first, total };
  }
}

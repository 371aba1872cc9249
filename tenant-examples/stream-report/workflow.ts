import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';

interface Params {
  orders: number;
}

const LINES_AT_ONCE = 1_000;

/** A line an order, made as they are asked for: the report is never in memory as a whole. */
const reportOf = (orders: number): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  let next = 1;
  return new ReadableStream({
    pull(controller) {
      const count = Math.min(LINES_AT_ONCE, orders - next + 1);
      if (count <= 0) return controller.close();
      const lines = Array.from({ length: count }, (_, index) => `${next + index},${((next + index) * 37) % 100}\n`);
      next += count;
      controller.enqueue(encoder.encode(lines.join('')));
    },
  });
};

/** What the lines amount to, whatever the pieces are that they come in. */
const summaryOf = async (report: ReadableStream<Uint8Array>) => {
  const decoder = new TextDecoder();
  const summary = { orders: 0, total: 0 };
  let rest = '';
  for await (const chunk of report) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      summary.orders += 1;
      summary.total += Number(line.split(',')[1]);
    }
  }
  return summary;
};

/** One step gives a report that is longer than a value may be, the next one sums it up. */
export class StreamReport extends WorkflowEntrypoint<unknown, Params> {
  async run(event: WorkflowEvent<Params>, step: WorkflowStep) {
    const report = await step.do('write the report', async () => reportOf(event.payload.orders));
    return step.do('sum it up', () => summaryOf(report));
  }
}

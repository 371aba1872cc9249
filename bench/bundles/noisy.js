import { WorkflowEntrypoint } from 'cloudflare:workers';

// Neighbours that nobody wants. Each is ended by a limit, and started again by whoever plays it.
export class Loop extends WorkflowEntrypoint {
  async run() {
    for (;;);
  }
}

export class Hoard extends WorkflowEntrypoint {
  async run() {
    const kept = [];
    for (;;) kept.push(new Array(10_000).fill(kept.length));
  }
}

export class Flood extends WorkflowEntrypoint {
  async run(_event, step) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => step.do(`step-${index}`, async () => index)));
  }
}

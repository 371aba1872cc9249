import { hostileTurn } from './hostile-turns.ts';

/** What a tenant keeps outlives its code: a disk that one has filled is full for everybody. */
const LIMITS = { cpuMs: 10_000, memoryMb: 64, storageMb: 8 };

hostileTurn('disk', 'objects without end', {
  body: `await step.do('fill', { retries: { limit: 0, delay: 1 } }, async () => {
    for (let i = 0; ; i++) await this.env.BUCKET.put('k' + i, 'x'.repeat(1e6));
  });`,
  ends: /^errored .*BUCKET is full: all objects of a tenant may have 8 MiB together/,
  limits: LIMITS,
});

hostileTurn('disk', 'one object over and over', {
  body: `await step.do('fill', async () => {
    for (let i = 0; i < 30; i++) await this.env.BUCKET.put('k', 'x'.repeat(1e6));
  });
  return 'still one';`,
  ends: /^complete "still one"/,
  limits: LIMITS,
});

hostileTurn('disk', 'a value that is too large to keep', {
  body: `await step.do('fill', { retries: { limit: 0, delay: 1 } }, () => this.env.STORAGE.put('k', 'x'.repeat(2e6)));`,
  ends: /^errored .*STORAGE\.put/,
  limits: LIMITS,
});

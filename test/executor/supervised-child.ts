import { buildPrelude } from '../../lib/bundle/guest-prelude.ts';
import { Supervisor } from '../../lib/executor/supervisor.ts';

/** A process with a supervisor in it, for tests that let both stand still. Asked to look at a bundle, it says what it found. */
const executor = new Supervisor({ prelude: await buildPrelude(), silenceMs: 1_500 });

process.on('message', async (code: string) => {
  const before = executor.pids;
  const sourceMap = '{"version":3,"sources":[],"names":[],"mappings":""}';
  const inspection = await executor.inspect({ code, sourceMap }, 'acme');
  process.send?.({ before, inspection, after: executor.pids });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

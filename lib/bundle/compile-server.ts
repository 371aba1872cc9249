/**
 * The process in which hostile source is unpacked and compiled. It has no environment, no credentials and no handle but
 * the channel to its parent; it leads its own process group, in which esbuild's process is the only other member.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { transform } from 'esbuild';
import { compile } from './compile.ts';
import type { CompileAnswer, CompileRequest } from './compile-messages.ts';

// Read by esbuild's process, which inherits it: collects garbage in time instead of growing to twice its need.
const [engineMemoryMb] = process.argv.slice(2);
process.env.GOMEMLIMIT = `${engineMemoryMb}MiB`;

const answer = (message: CompileAnswer): void => {
  process.send?.(message);
};

// The parent is gone, or closes: nothing of this group may stay.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

process.on('message', (request: CompileRequest) => {
  compile(request).then(
    (compilation) => answer({ kind: 'compiled', id: request.id, compilation }),
    // Not a mistake in the source, so esbuild's process is lost or this one is damaged: the parent starts another.
    () => process.exit(1),
  );
});

answer({ kind: 'ready', enginePid: await startEngine() });

/** esbuild starts its process at the first call, and tells nobody which one it is. */
async function startEngine(): Promise<number> {
  let engine: ChildProcess | undefined;
  const onSpawn = (message: unknown): void => {
    engine ??= (message as { readonly process: ChildProcess }).process;
  };
  subscribe('child_process', onSpawn);
  await transform('');
  unsubscribe('child_process', onSpawn);
  if (engine?.pid === undefined) throw new Error('esbuild started no process');
  return engine.pid;
}

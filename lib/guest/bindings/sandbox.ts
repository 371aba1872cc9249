import { SNAPSHOT_RESULT_MS, sandboxResultMs } from '../../core/replay/sandbox-result.ts';

type Call = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** A deferred result of the attempt that calls: its outcome comes by the token. */
interface DeferredResult {
  readonly token: string;
}

/**
 * `env.SANDBOX`. Each method hands the token of a deferred result over, and gives that result once the work has been
 * accepted: the callback returns it, and the work's end settles the step. That result may take as long as the work and its
 * wait for a place, whatever the timeout of the step, which is for the callback.
 * @param defer makes the deferred result of the attempt that calls, `timeout` in ms; throws outside of one
 */
export const makeSandbox = (call: Call, defer: (options: { readonly timeout: number }) => DeferredResult): object => {
  const start = async (
    method: string,
    args: readonly unknown[],
    timeout = SNAPSHOT_RESULT_MS,
  ): Promise<DeferredResult> => {
    const deferred = defer({ timeout });
    await call(method, [...args, deferred.token]);
    return deferred;
  };
  return Object.freeze({
    async exec(command: unknown, options?: unknown) {
      const { timeout } = (options ?? {}) as { readonly timeout?: unknown };
      return start('exec', [command, options], sandboxResultMs(timeout));
    },
    snapshot: async (workspace: unknown, options?: unknown) => start('snapshot', [workspace, options]),
    restore: async (snapshot: unknown, options?: unknown) => start('restore', [snapshot, options]),
    deleteSnapshot: async (snapshot: unknown) => start('deleteSnapshot', [snapshot]),
    listSnapshots: async () => start('listSnapshots', []),
  });
};

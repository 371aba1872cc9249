import { sandboxResultMs } from '../../core/replay/sandbox-result.ts';

type Call = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** A deferred result of the attempt that calls: its outcome comes by the token. */
interface DeferredResult {
  readonly token: string;
}

/**
 * `env.SANDBOX`. `exec` hands the token of a deferred result over with the command, and gives that result once the command
 * has been accepted: the callback returns it, and the command's end settles the step. That result may take as long as the
 * command and its wait for a place, whatever the timeout of the step, which is for the callback.
 * @param defer makes the deferred result of the attempt that calls, `timeout` in ms; throws outside of one
 */
export const makeSandbox = (call: Call, defer: (options: { readonly timeout: number }) => DeferredResult): object =>
  Object.freeze({
    async exec(command: unknown, options?: unknown) {
      const { timeout } = (options ?? {}) as { readonly timeout?: unknown };
      const deferred = defer({ timeout: sandboxResultMs(timeout) });
      await call('exec', [command, options, deferred.token]);
      return deferred;
    },
  });

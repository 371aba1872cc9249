type Call = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** A deferred result of the attempt that calls: its outcome comes by the token. */
interface DeferredResult {
  readonly token: string;
}

/**
 * `env.SANDBOX`. `exec` hands the token of a deferred result over with the command, and gives that result once the command
 * has been accepted: the callback returns it, and the command's end settles the step.
 * @param defer makes the deferred result of the attempt that calls; throws outside of one
 */
export const makeSandbox = (call: Call, defer: () => DeferredResult): object =>
  Object.freeze({
    async exec(command: unknown, options?: unknown) {
      const deferred = defer();
      await call('exec', [command, options, deferred.token]);
      return deferred;
    },
  });

import { ExecutorProcess } from './executor-process.ts';
import type { FromExecutor, ToExecutor } from './messages.ts';

/** The executor's child process: no environment, no credentials, one channel to its supervisor. */
const send = (message: FromExecutor): void => {
  if (process.connected) process.send?.(message);
};

const executor = new ExecutorProcess(send);
process.on('message', (message: ToExecutor) => executor.receive(message));
// The supervisor is gone: whoever takes its place starts executors of its own.
process.on('disconnect', () => process.exit(0));
// A hostile guest must not take the process down by a rejection that belongs to an isolate which is gone.
process.on('unhandledRejection', () => {});
send({ kind: 'ready' });

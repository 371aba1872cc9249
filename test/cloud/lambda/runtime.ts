import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { takeOverConsole } from './runtime-console.ts';
import type { FromRuntime, FunctionError, ToRuntime } from './runtime-messages.ts';

/** The part of Lambda's runtime for Node: runs as the process of an execution environment, away from the project. */
type Handler = (event: unknown, context: object) => unknown;

const { env } = process;
let requestId: string | undefined;

const send = (message: FromRuntime, then?: () => void): void => {
  if (process.connected) process.send?.(message, undefined, undefined, then && (() => then()));
  else then?.();
};

const describe = (thrown: unknown): FunctionError =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };

const crash = (error: FunctionError): void => {
  console.error(error);
  // The code with which Lambda's runtime ends.
  send({ kind: 'crashed', error }, () => process.exit(129));
};

/** `index.handler`, `folder/index.handler`. */
const importHandler = async (): Promise<Handler> => {
  const name = env._HANDLER ?? '';
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  const script = join(env.LAMBDA_TASK_ROOT ?? '', name.slice(0, dot));
  const file = ['.mjs', '.js', '.cjs'].map((ending) => script + ending).find((path) => existsSync(path));
  if (file === undefined) throw named('Runtime.ImportModuleError', `Cannot find module '${name.slice(0, dot)}'`);
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const handler = module[name.slice(dot + 1)];
  if (typeof handler !== 'function') throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (handler.length > 2) {
    throw named('Runtime.CallbackHandlerDeprecated', 'Node 24 on Lambda knows no handlers that take a callback');
  }
  return handler as Handler;
};

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

const contextOf = (call: ToRuntime): object => ({
  awsRequestId: call.requestId,
  invokedFunctionArn: call.functionArn,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  callbackWaitsForEmptyEventLoop: true,
  tenantId: call.tenantId,
  getRemainingTimeInMillis: () => Math.max(0, call.deadlineAt - Date.now()),
});

const answer = async (handler: Handler, call: ToRuntime): Promise<void> => {
  requestId = call.requestId;
  try {
    const result = await handler(JSON.parse(call.event), contextOf(call));
    send({ kind: 'answered', result: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    console.error(describe(error));
    send({ kind: 'failed', error: describe(error) });
  }
};

takeOverConsole(env.AWS_LAMBDA_LOG_FORMAT === 'JSON', () => requestId);
process.on('uncaughtException', (error) => crash(describe(error)));
process.on('unhandledRejection', (reason) =>
  crash({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: String(reason),
    trace: describe(reason).trace ?? [],
  }),
);
// Nobody is there to freeze or to end this process any more.
process.on('disconnect', () => process.exit());
try {
  const handler = await importHandler();
  process.on('message', (call: ToRuntime) => answer(handler, call));
  send({ kind: 'ready' });
} catch (error) {
  crash(describe(error));
}

import { isAbsolute, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { runDemo } from './demo.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { readPricesFile } from './prices-file.ts';
import { readPublicUrl } from './public-url.ts';

interface DevFlags {
  readonly port: string;
  readonly host: string;
  readonly data: string;
  readonly demo: boolean;
  readonly allowPrivateEgress?: boolean;
  readonly sandbox?: boolean;
  readonly allowUnsafeSandbox?: boolean;
  readonly suspendAfterStrikes: string;
  readonly publicUrl?: string;
  readonly prices?: string;
}

/** After a stop signal everything is closed by then, or left to the next start to recover. */
const CLOSE_WITHIN_MS = 5_000;

export const addDev = (program: Command, context: CommandContext): void => {
  program
    .command('dev')
    .alias('start')
    .description('start the embedded server on this machine')
    .option('--port <number>', 'port to listen on; 0 takes a free one', '8787')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <folder>', 'where everything is kept', '.tenon')
    .option('--no-demo', 'leave out the demo tenant of the first start')
    .option(
      '--allow-private-egress',
      'let allow-lists name loopback and private addresses (TENON_ALLOW_PRIVATE_EGRESS=1)',
    )
    .option('--sandbox', 'let tenants run commands in sandboxes on this machine (TENON_SANDBOX=1)')
    .option('--allow-unsafe-sandbox', 'run those commands without containment where the machine has none')
    .option(
      '--suspend-after-strikes <number>',
      'processes that a tenant may cost within a day before it is suspended',
      '5',
    )
    .option('--public-url <url>', "where callers reach this server, for tenants' links (default: where it listens)")
    .option('--prices <file>', "JSON: { currency, perMillion } by which tenants' usage is priced")
    .action(async (flags: DevFlags) => serve(flags, context));
};

const serve = async (flags: DevFlags, { terminal, exitWith }: CommandContext): Promise<void> => {
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port must be from 0 to 65535, got "${flags.port}"`);
  const suspendAfterStrikes = Number(flags.suspendAfterStrikes);
  if (!Number.isInteger(suspendAfterStrikes) || suspendAfterStrikes < 1)
    throw new UsageError(`--suspend-after-strikes must be a whole number from 1, got "${flags.suspendAfterStrikes}"`);
  const prices = flags.prices === undefined ? undefined : readPricesFile(resolve(terminal.cwd, flags.prices));
  const publicUrl = flags.publicUrl === undefined ? undefined : readPublicUrl(flags.publicUrl);
  const operatorKey = terminal.env.TENON_OPERATOR_KEY || undefined;

  let isStopping = false;
  let wake: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const release = terminal.onStopSignal(() => {
    if (isStopping) process.exit(EXIT.refused);
    isStopping = true;
    wake();
  });

  const dataFolder = isAbsolute(flags.data) ? flags.data : join(terminal.cwd, flags.data);
  const { startEmbedded } = await import('../embedded.ts');
  let server: Awaited<ReturnType<typeof startEmbedded>>;
  try {
    server = await startEmbedded({
      port,
      host: flags.host,
      dataFolder,
      allowPrivateEgress: flags.allowPrivateEgress === true || terminal.env.TENON_ALLOW_PRIVATE_EGRESS === '1',
      sandbox: flags.sandbox === true || terminal.env.TENON_SANDBOX === '1',
      allowUnsafeSandbox: flags.allowUnsafeSandbox === true,
      suspendAfterStrikes,
      ...(operatorKey === undefined ? {} : { operatorKey }),
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(prices === undefined ? {} : { prices }),
      print: (line) => terminal.print(line),
    });
  } catch (error) {
    release();
    terminal.complain(`error: ${startProblem(error, flags)}`);
    exitWith(EXIT.refused);
    // Whatever a start that failed half-way has left open must not keep the process.
    endWithin(200);
    return;
  }

  if (flags.demo && server.isFirstStart) {
    try {
      await runDemo({ url: server.url, operatorKey: server.operatorKey, dataFolder, terminal });
    } catch (error) {
      // The service is up all the same.
      terminal.complain(`error: the demo did not come to its end: ${(error as Error).message}`);
    }
  }

  await stopped;
  // A server that does not close is left to its journal: nothing acknowledged is lost.
  endWithin(CLOSE_WITHIN_MS);
  await server.close();
  release();
};

/** Ends the process if it has not ended by itself. */
const endWithin = (ms: number): void => {
  setTimeout(() => process.exit(EXIT.refused), ms).unref();
};

const startProblem = (error: unknown, { host, port }: DevFlags): string => {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken: stop who uses it, or write --port <number>`;
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return `cannot listen on ${host}:${port} (${code}): write another --host or --port`;
  return (message ?? String(error)).split('\n')[0] ?? 'the server could not start';
};

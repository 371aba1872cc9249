import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { type Connection, type ConnectionFlags, connect } from './connection.ts';
import { runDemo } from './demo.ts';
import { EXIT } from './exit-codes.ts';
import { type RunningServer, readServerFlags, type ServerFlags, startProblem, startServer } from './start-server.ts';
import { stopOnSignal } from './stop-signal.ts';
import type { Terminal } from './terminal.ts';
import { readUploadSource } from './upload-source.ts';
import { makeTenant, watchTenant } from './watch/watch-tenant.ts';

interface DevFlags extends ServerFlags {
  readonly demo: boolean;
  readonly watch?: string;
}

/** After a stop signal everything is closed by then, or left to the next start to recover. */
const CLOSE_WITHIN_MS = 5_000;
/** Whose the watched file is, on a server of one's own. */
const OWN_TENANT = 'dev';

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
    .option(
      '--watch <path>',
      'deploy a file or folder with each save, and follow what it does; with --url, to that server',
    )
    .action(async (flags: DevFlags, command: Command) =>
      dev(flags, command.optsWithGlobals<ConnectionFlags>(), context),
    );
};

const dev = async (flags: DevFlags, to: ConnectionFlags, context: CommandContext): Promise<void> => {
  const { terminal } = context;
  // What cannot be deployed is told before anything is started.
  if (flags.watch !== undefined) readUploadSource(flags.watch, resolve(terminal.cwd, flags.watch));
  const stop = stopOnSignal(terminal);
  try {
    if (flags.watch !== undefined && to.url !== undefined) {
      await watch(flags.watch, connect(to, terminal), terminal, stop.signal);
    } else await serve(flags, to, context, stop);
  } finally {
    stop.release();
  }
};

const watch = (path: string, connection: Connection, terminal: Terminal, signal: AbortSignal): Promise<void> =>
  watchTenant({ path, place: resolve(terminal.cwd, path), connection, terminal }, signal);

const serve = async (
  flags: DevFlags,
  to: ConnectionFlags,
  { terminal, exitWith }: CommandContext,
  stop: ReturnType<typeof stopOnSignal>,
): Promise<void> => {
  const isJson = to.json === true;
  const options = readServerFlags(flags, terminal);
  const say = (line: string): void => (isJson ? terminal.complain(line) : terminal.print(line));
  let server: RunningServer;
  try {
    server = await startServer({ ...options, print: say });
  } catch (error) {
    terminal.complain(`error: ${startProblem(error, flags)}`);
    exitWith(EXIT.refused);
    // Whatever a start that failed half-way has left open must not keep the process.
    stop.endProcessWithin(200);
    return;
  }
  const { url, operatorKey, isFirstStart } = server;
  if (isJson) terminal.print(JSON.stringify({ kind: 'listening', url, dataFolder: options.dataFolder, isFirstStart }));
  try {
    if (flags.watch !== undefined) {
      const tenant = to.tenant ?? (terminal.env.TENON_TENANT || OWN_TENANT);
      const connection = connect({ url, key: operatorKey, tenant, json: isJson }, terminal);
      await makeTenant(connection, tenant);
      say(`tenant ${tenant}`);
      await watch(flags.watch, connection, terminal, stop.signal);
    } else if (flags.demo && isFirstStart) {
      const aside = { ...terminal, print: say };
      await runDemo({ url, operatorKey, dataFolder: options.dataFolder, terminal: aside });
    }
  } catch (error) {
    // The service is up all the same.
    terminal.complain(
      `error: ${flags.watch === undefined ? 'the demo' : '--watch'} did not come to its end: ${(error as Error).message}`,
    );
  }
  await stop.asked;
  // A server that does not close is left to its journal: nothing acknowledged is lost.
  stop.endProcessWithin(CLOSE_WITHIN_MS);
  await server.close();
};

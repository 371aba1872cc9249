import { isAbsolute, join, resolve } from 'node:path';
import { UsageError } from './exit-codes.ts';
import { readPricesFile } from './prices-file.ts';
import { readPublicUrl } from './public-url.ts';
import type { Terminal } from './terminal.ts';

/** As the command line has them. */
export interface ServerFlags {
  readonly port: string;
  readonly host: string;
  readonly data: string;
  readonly allowPrivateEgress?: boolean;
  readonly sandbox?: boolean;
  readonly allowUnsafeSandbox?: boolean;
  readonly suspendAfterStrikes: string;
  readonly publicUrl?: string;
  readonly prices?: string;
}

type StartEmbedded = typeof import('../embedded.ts')['startEmbedded'];
type ServerOptions = Omit<Parameters<StartEmbedded>[0], 'print'>;
export type RunningServer = Awaited<ReturnType<StartEmbedded>>;

/** @throws UsageError */
export const readServerFlags = (flags: ServerFlags, terminal: Terminal): ServerOptions => {
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port must be from 0 to 65535, got "${flags.port}"`);
  const suspendAfterStrikes = Number(flags.suspendAfterStrikes);
  if (!Number.isInteger(suspendAfterStrikes) || suspendAfterStrikes < 1)
    throw new UsageError(`--suspend-after-strikes must be a whole number from 1, got "${flags.suspendAfterStrikes}"`);
  const operatorKey = terminal.env.TENON_OPERATOR_KEY || undefined;
  return {
    port,
    host: flags.host,
    dataFolder: isAbsolute(flags.data) ? flags.data : join(terminal.cwd, flags.data),
    allowPrivateEgress: flags.allowPrivateEgress === true || terminal.env.TENON_ALLOW_PRIVATE_EGRESS === '1',
    sandbox: flags.sandbox === true || terminal.env.TENON_SANDBOX === '1',
    allowUnsafeSandbox: flags.allowUnsafeSandbox === true,
    suspendAfterStrikes,
    ...(operatorKey !== undefined && { operatorKey }),
    ...(flags.publicUrl !== undefined && { publicUrl: readPublicUrl(flags.publicUrl) }),
    ...(flags.prices !== undefined && { prices: readPricesFile(resolve(terminal.cwd, flags.prices)) }),
  };
};

/** Loaded when a server is wanted: no other command needs all of it. */
export const startServer: StartEmbedded = async (options) => (await import('../embedded.ts')).startEmbedded(options);

/** One line. */
export const startProblem = (error: unknown, { host, port }: ServerFlags): string => {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken: stop who uses it, or write --port <number>`;
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return `cannot listen on ${host}:${port} (${code}): write another --host or --port`;
  return (message ?? String(error)).split('\n')[0] ?? 'the server could not start';
};

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { HttpClient } from '../client/http-client.ts';
import { UsageError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8787';
const KEY_FILE = join('.tenon', 'operator-key');

/** The flags that every command but `dev` takes. */
export interface ConnectionFlags {
  readonly url?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

export const addConnectionFlags = (command: Command): Command =>
  command
    .option('--url <url>', `where the server listens (TENON_URL; else ${DEFAULT_URL})`)
    .option('--key <key>', `operator or tenant key (TENON_KEY; else what ${KEY_FILE} holds)`)
    .option('--tenant <id>', 'on whose behalf (TENON_TENANT)')
    .option('--json', 'print what the API answers, as JSON');

/** A command's way to the server. */
export interface Connection {
  readonly client: HttpClient;
  readonly isJson: boolean;
  /** `/v1/tenants/<tenant>`. @throws UsageError where no tenant is named */
  tenantPath(): string;
  /** `/v1/tenants/<tenant>/workflows/<workflow>` */
  workflowPath(workflow: string): string;
  /** `.../instances/<id>` */
  instancePath(workflow: string, id: string): string;
}

export const connect = (flags: ConnectionFlags, terminal: Terminal): Connection => {
  const key = flags.key ?? (terminal.env.TENON_KEY || undefined) ?? keyFromFile(terminal.cwd);
  const url = flags.url ?? (terminal.env.TENON_URL || undefined) ?? DEFAULT_URL;
  if (!URL.canParse(url)) throw new UsageError(`"${url}" is not an address: write --url http://host:port`);
  const tenant = flags.tenant ?? (terminal.env.TENON_TENANT || undefined);
  const tenantPath = () => {
    if (tenant === undefined) throw new UsageError('no tenant is named: write --tenant <id>, or set TENON_TENANT');
    return `/v1/tenants/${encodeURIComponent(tenant)}`;
  };
  const workflowPath = (workflow: string) => `${tenantPath()}/workflows/${encodeURIComponent(workflow)}`;
  return {
    client: new HttpClient(url, key),
    isJson: flags.json === true,
    tenantPath,
    workflowPath,
    instancePath: (workflow, id) => `${workflowPath(workflow)}/instances/${encodeURIComponent(id)}`,
  };
};

const keyFromFile = (cwd: string): string | undefined => {
  const file = join(cwd, KEY_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

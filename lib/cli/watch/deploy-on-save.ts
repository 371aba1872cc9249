import { setTimeout as sleep } from 'node:timers/promises';
import type { ShownBundle } from '../api-types.ts';
import { bundleText, tellProblems } from '../bundle-text.ts';
import type { Connection } from '../connection.ts';
import { reportFailure } from '../refusals.ts';
import type { Terminal } from '../terminal.ts';
import { uploadBundle } from '../upload-bundle.ts';
import { readUploadSource, type UploadSource } from '../upload-source.ts';
import { changesOf } from './changes-of.ts';

/** An editor writes more than once. */
const SETTLES_MS = 100;

export interface Watched {
  /** As given, for messages. */
  readonly path: string;
  /** Where it lies. */
  readonly place: string;
  readonly connection: Connection;
  readonly terminal: Terminal;
  readonly onVersion: (version: string) => void;
}

/** Deploys now and with each save that changed something, until `signal`. What goes wrong is told, and the next save is waited for. */
export const deployOnSave = async (watched: Watched, signal: AbortSignal): Promise<void> => {
  let last: Uint8Array | undefined;
  const deploy = async (): Promise<void> => {
    try {
      const source = readUploadSource(watched.path, watched.place);
      if (last !== undefined && Buffer.from(last).equals(source.bytes)) return;
      last = source.bytes;
      tell(watched, source, await upload(watched, source));
    } catch (error) {
      // The next save tries again, whatever it holds.
      last = undefined;
      reportFailure(error, watched.terminal, watched.connection.isJson);
    }
  };
  // Watched before it is read: a save between the two is not missed.
  const changes = changesOf(watched.place, signal);
  const first = changes.next();
  await deploy();
  for (let change = await first; change.done !== true; change = await changes.next()) {
    await sleep(SETTLES_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await deploy();
  }
};

const upload = ({ connection, terminal }: Watched, source: UploadSource): Promise<ShownBundle> =>
  uploadBundle({ client: connection.client, tenantPath: connection.tenantPath(), source, activate: true, terminal });

const tell = ({ connection, terminal, onVersion }: Watched, source: UploadSource, bundle: ShownBundle): void => {
  if (connection.isJson) terminal.print(JSON.stringify({ kind: 'bundle', ...bundle }));
  else terminal.print(bundleText(bundle, source, true));
  if (bundle.status === 'ready' && bundle.version !== undefined) onVersion(bundle.version);
  else if (!connection.isJson) tellProblems(bundle, source, terminal);
};

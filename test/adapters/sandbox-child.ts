import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { NamespacedSandbox } from '../../lib/adapters/embedded/sandbox/namespaced-sandbox.ts';
import type { SandboxEnd } from '../../lib/ports/sandbox.ts';

/**
 * A process for the tests that need one of its own: `<folder> <uid> <command...>` runs the command as that user, says
 * `accepted` and then its end.
 */
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const [folder = '', uid = '0', ...command] = process.argv.slice(2);
if (process.getuid?.() !== Number(uid)) {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}

let told: (end: SandboxEnd) => void = () => {};
const ended = new Promise<SandboxEnd>((resolve) => {
  told = resolve;
});
const sandbox = new NamespacedSandbox({
  folder: join(folder, 'sandboxes'),
  blobs: new FileBlobStore(join(folder, 'blobs')),
  onEnd: async ({ end }) => told(end),
  onError: (error) => say(String(error)),
});
await sandbox.open();
await sandbox.start({
  kind: 'command',
  tenant: 'acme',
  token: 'child',
  command,
  env: {},
  timeoutMs: 20_000,
  workspace: 'w',
});
say('accepted');
say(JSON.stringify(await ended));
await sandbox.close();

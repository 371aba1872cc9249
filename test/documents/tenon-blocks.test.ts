import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../../lib/embedded.ts';
import { tenon } from '../cli/command-line.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { codeBlocks, tenonCommands } from './command-lines.ts';
import { ROOT, read } from './documents.ts';

const folder = makeFolder();
let service: Embedded;
beforeAll(async () => {
  const options = { port: 0, host: '127.0.0.1', allowPrivateEgress: false, print: () => {} };
  service = await startEmbedded({ ...options, dataFolder: join(folder.path, 'data') });
  mkdirSync(join(folder.path, '.tenon'));
  writeFileSync(join(folder.path, '.tenon/operator-key'), service.operatorKey);
  symlinkSync(join(ROOT, 'tenant-examples'), join(folder.path, 'tenant-examples'));
  const first = codeBlocks(read('README.md')).find(({ language }) => language === 'ts');
  writeFileSync(join(folder.path, 'onboarding.ts'), first?.text ?? '');
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  tenon(args, { env: { TENON_URL: service.url, ...env }, cwd: folder.path, readInput: () => 'a secret' });

const follow = async (name: string, env?: Readonly<Record<string, string>>): Promise<void> => {
  for (const command of tenonCommands(read(name))) {
    // It follows until somebody ends it.
    if (command[0] === 'tail') continue;
    expect({ command, ...(await run(command, env)) }).toMatchObject({ command, code: 0, err: '' });
  }
};

describe('the tenon commands, pasted one after the other,', () => {
  it('of the README lead to a finished instance', async () => {
    await follow('README.md', { TENON_TENANT: 'acme' });
    const { out } = await run(['instances', 'describe', 'Onboarding', 'first', '--tenant', 'acme']);
    expect(out).toContain('Onboarding first');
  });

  it.each(['docs/tenants.md', 'docs/operating-workflows.md', 'docs/migrate-from-cloudflare.md'])(
    'of %s work on a service with the tenant demo',
    async (name) => {
      await run(['tenants', 'create', 'demo']);
      await follow(name);
    },
  );

  it('of docs/env.md work where the bundle that stands there with default.queue is deployed', async () => {
    const sender = codeBlocks(read('docs/env.md')).find(({ text }) => text.includes('async queue('));
    writeFileSync(join(folder.path, 'renewals.ts'), sender?.text ?? '');
    await run(['tenants', 'create', 'demo']);
    expect((await run(['deploy', 'renewals.ts', '--tenant', 'demo'])).code).toBe(0);
    await follow('docs/env.md');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalCloud } from '../cloud/local-cloud.ts';
import type { Template } from '../cloud/template/template.ts';
import { Ledger } from '../conformance/ledger.ts';
import { World } from '../conformance/world.ts';
import { codeBlocks } from './command-lines.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BLOCKS = codeBlocks(readFileSync(join(ROOT, 'docs/extending.md'), 'utf8')).map(({ text }) => text);
const OFFER = BLOCKS.find((text) => text.includes('DISCOUNTS: {')) ?? '';

/**
 * The files that the document shows, as they stand there, beside the project's own. The CDK takes functions from below the project
 * only, so that they lie where it writes to, and not with other temporary files.
 */
mkdirSync(join(ROOT, 'cdk.out'), { recursive: true });
const folder = mkdtempSync(join(ROOT, 'cdk.out/own-binding-'));
const installation = join(folder, 'installation');

const ledger = new Ledger();
beforeAll(async () => {
  await ledger.listen();
  cpSync(join(ROOT, 'functions'), join(installation, 'functions'), { recursive: true });
  symlinkSync(join(ROOT, 'lib'), join(folder, 'lib'));
  // Those that are not shown are taken over as they are, one folder further down.
  symlinkSync(join(ROOT, 'lib'), join(installation, 'lib'));
  for (const text of BLOCKS) {
    const [, name] = /^\/\/ (installation\/\S+)\n/.exec(text) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
});
afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a tenant's workflow is told for a price of 100, at this level. */
const offer = async (place: { url: string; operatorKey: string }, more: Readonly<Record<string, unknown>>) => {
  const world = new World({ ...place, ledger, canOwnServer: false });
  const tenant = await world.tenant(more);
  await tenant.deploy(OFFER);
  return (await tenant.create({ price: 100 }, { workflow: 'Offer' })).completed();
};

/** The first line that the process prints which matches. */
const printed = async (child: ChildProcess, pattern: RegExp): Promise<string> => {
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    const [, found] = pattern.exec(output) ?? [];
    if (found !== undefined) return found;
  }
  throw new Error(`it ended without saying so: ${output}`);
};

describe('the binding in docs/extending.md', () => {
  it('is found by workflows of the service on one machine', async () => {
    const child = spawn(process.execPath, ['--no-warnings', join(installation, 'start.ts')], {
      env: { PATH: process.env.PATH, PORT: '0', DATA: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const url = await printed(child, /^listening (http\S+)/m);
      const operatorKey = readFileSync(join(folder, 'data/operator-key'), 'utf8').trim();
      expect(await offer({ url, operatorKey }, { id: 'acme' })).toBe(80);
      expect(await offer({ url, operatorKey }, {})).toBe(95);
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });

  it('is found on AWS at both levels of isolation', { timeout: 120_000 }, async () => {
    const { app } = (await import(join(installation, 'app.ts'))) as { readonly app: App };
    const { directory, stacks } = app.synth();
    const cloud = await startLocalCloud({ template: stacks[0]?.template as Template, assemblyFolder: directory });
    try {
      expect(await offer(cloud, { id: 'acme' })).toBe(80);
      expect(await offer(cloud, { isolation: 'microvm' })).toBe(95);
    } finally {
      await cloud.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

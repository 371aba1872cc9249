import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { codeBlocks } from './command-lines.ts';
import { ROOT, read } from './documents.ts';
import { isTest } from './snippets.ts';

it('the test in docs/tenants.md passes with the workflow that stands there first', async () => {
  const blocks = codeBlocks(read('docs/tenants.md'));
  const test = blocks.find(isTest)?.text ?? '';
  const workflow = blocks.find(({ language }) => language === 'ts')?.text ?? '';
  // Below the project, where its packages are found.
  mkdirSync(join(ROOT, 'cdk.out'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'cdk.out/tenants-test-'));
  try {
    const alias = { 'tenon/testing': join(ROOT, 'lib/testing/index.ts') };
    const config = { resolve: { alias }, test: { include: ['*.test.ts'], execArgv: ['--no-node-snapshot'] } };
    writeFileSync(join(folder, 'vitest.config.ts'), `export default ${JSON.stringify(config)};`);
    writeFileSync(join(folder, 'onboarding.ts'), workflow);
    writeFileSync(join(folder, 'onboarding.test.ts'), test);
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const env = { PATH: process.env.PATH, NO_COLOR: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'run'], { cwd: folder, env });
    expect(stdout).toMatch(/Tests {2}1 passed \(1\)/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

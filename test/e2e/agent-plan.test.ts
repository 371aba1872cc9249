import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startEmbedded } from '../../lib/embedded.ts';
import { Api } from '../conformance/api.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { codeBlocks } from '../documents/command-lines.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(resolve(ROOT, 'tenant-examples/agent-plan/README.md'), 'utf8');
const SCRIPT = codeBlocks(README).find(({ text }) => text.includes('curl'))?.text ?? '';
const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe('the script in the README of agent-plan', () => {
  it.skipIf(!hasCurl)('has a plan refused with its line, another one approved, and run to its end', async () => {
    const folder = makeFolder();
    const service = await startEmbedded({
      port: 0,
      host: '127.0.0.1',
      dataFolder: folder.path,
      allowPrivateEgress: false,
      print: () => {},
    });
    try {
      await new Api(service.url, service.operatorKey).expect(201, 'POST', '/v1/tenants', { json: { id: 'demo' } });
      const { PATH } = process.env;
      const env = { PATH, TENON_URL: service.url, TENON_KEY: service.operatorKey };
      const { stdout, stderr } = await promisify(execFile)('sh', ['-eu', '-c', SCRIPT], { cwd: ROOT, env });
      expect(stderr).toBe('');
      const answers = stdout.split('\n').filter((line) => line !== '');
      expect(answers.map((line) => JSON.parse(line))).toMatchObject([
        { name: 'refunds', before: { step: 'pay *' }, action: 'approve' },
        { status: 'rejected', problems: [{ file: 'index.ts', line: expect.any(Number) }] },
        { status: 'ready', workflows: [{ name: 'Plan' }] },
        { id: 'T-88' },
        { eventId: expect.any(String) },
        { approved: true },
        { status: 'complete', output: { ticket: 'T-88', outcome: 'refunded', amount: 40, approvedBy: 'grace' } },
      ]);
    } finally {
      await service.close();
      folder.remove();
    }
  });
});

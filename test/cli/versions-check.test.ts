import { afterEach, describe, expect, test } from 'vitest';
import { tenon } from './command-line.ts';
import { RecordingServer } from './recording-server.ts';

const VERSION = '3fa92c00112233445566778899aabbcc';
const PATH = `/v1/tenants/acme/versions/${VERSION}/checks`;
const passed = {
  id: 'c1',
  version: VERSION,
  status: 'passed',
  counts: { checked: 3, ok: 2, diverged: 0, failed: 0, skipped: 1 },
  divergences: [],
};
const failed = {
  ...passed,
  status: 'failed',
  counts: { checked: 1, ok: 0, diverged: 1, failed: 0, skipped: 0 },
  divergences: [{ workflow: 'W', instance: 'i', step: 'charge', expected: 'step.do("charge")', got: 'step.do("pay")' }],
};

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

const checked = async (answers: readonly object[], ...flags: readonly string[]) => {
  server = new RecordingServer({
    [`POST ${PATH}`]: { status: 202, json: { check: { id: 'c1', status: 'running' } } },
    [`GET ${PATH}/c1`]: answers.map((json) => ({ json })),
  });
  const url = await server.listen();
  return tenon(['versions', 'check', VERSION, ...flags, '--url', url, '--key', 'k', '--tenant', 'acme']);
};

describe('versions check', () => {
  test('looks until the check is over, and says what it has found', async () => {
    const { code, out } = await checked([{ ...passed, status: 'running' }, passed]);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'Version 3fa92c0011 has passed its check of 3 instances: 2 ok, 0 diverged, 0 failed, 1 skipped.',
      `Next: tenon versions activate ${VERSION}`,
    ]);
    expect(server?.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
  });

  test('ends with 1 where it fails, and names instance and step', async () => {
    const { code, out } = await checked([failed]);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'Version 3fa92c0011 has failed its check of 1 instance: 0 ok, 1 diverged, 0 failed, 0 skipped.',
      '✗ W i: expected step.do("charge"), got step.do("pay")',
    ]);
  });

  test("with --json prints the API's own words", async () => {
    const { code, out } = await checked([failed], '--json');
    expect([code, JSON.parse(out)]).toEqual([1, failed]);
  });
});

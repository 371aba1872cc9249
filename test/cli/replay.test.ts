import { afterEach, describe, expect, test } from 'vitest';
import type { InstanceDetail, ShownReplay } from '../../lib/cli/api-types.ts';
import { tenon } from './command-line.ts';
import { RecordingServer } from './recording-server.ts';

const PATH = '/v1/tenants/acme/workflows/W/instances/i';
const OLD = '3fa92c00112233445566778899aabbcc';
const OTHER = '99aabbcc3fa92c001122334455667788';

const detail: InstanceDetail = {
  id: 'i',
  workflow: 'W',
  status: 'waiting',
  version: OLD,
  createdAt: '2026-11-20T11:00:00.000Z',
  stepCount: 1,
  steps: [
    { type: 'step', name: 'charge', count: 1, status: 'completed', endedAt: '2026-11-20T11:00:01.000Z' },
    { type: 'waitForEvent', name: 'approval', count: 2, status: 'waiting' },
  ],
};

const ok: ShownReplay = {
  version: OLD,
  outcome: 'ok',
  stop: 'caught_up',
  recorded: 1,
  delivered: 1,
  divergences: [],
  next: 'step.waitForEvent("approval") no. 2',
  place: { file: 'index.ts', line: 7, column: 1, text: "await step.waitForEvent('approval', { type: 'go' });" },
};

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

const replayed = async (replay: ShownReplay, ...flags: readonly string[]) => {
  server = new RecordingServer({ [`POST ${PATH}/replay`]: { json: replay }, [`GET ${PATH}`]: { json: detail } });
  const url = await server.listen();
  return tenon(['replay', 'W', 'i', ...flags, '--url', url, '--key', 'k', '--tenant', 'acme']);
};

describe('replay', () => {
  test('prints the recorded steps in order, then where it stopped, with the line', async () => {
    const { code, out } = await replayed(ok);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'W i  waiting',
      'replayed with version 3fa92c0011',
      '',
      '  ✓ step.do("charge")  completed',
      '  … step.waitForEvent("approval") no. 2  waiting',
      '',
      'ok: everything recorded has been replayed, after 1 of 1 recorded result',
      'next step.waitForEvent("approval") no. 2',
      '  at index.ts:7:1',
      "  7 | await step.waitForEvent('approval', { type: 'go' });",
    ]);
  });

  test('of another version asks for it, and ends with 1 where it diverges', async () => {
    const { code, out } = await replayed(
      {
        ...ok,
        version: OTHER,
        outcome: 'diverged',
        divergences: [{ step: 'charge', expected: 'step.do("charge")', got: 'step.do("pay")' }],
      },
      '--version',
      OTHER,
    );
    expect(code).toBe(1);
    expect(JSON.parse(server?.requests[0]?.body ?? '')).toEqual({ version: OTHER });
    expect(out).toContain('replayed with version 99aabbcc3f, recorded with 3fa92c0011');
    expect(out).toContain('  ✗ step.do("charge")  completed');
    expect(out).toContain('✗ expected step.do("charge"), got step.do("pay")');
  });

  test('ends with 1 where it fails, and names the place', async () => {
    const { next: _, ...rest } = ok;
    const error = { name: 'TypeError', message: 'no amount' };
    const place = { file: 'index.ts', line: 9, column: 3 };
    const { code, out } = await replayed({ ...rest, outcome: 'failed', stop: 'threw', error, place });
    expect(code).toBe(1);
    expect(out).toMatch(
      /failed: run\(\) has thrown, after 1 of 1 recorded result\nTypeError: no amount\n {2}at index\.ts:9:3$/,
    );
  });

  test("with --json prints the API's own words", async () => {
    const { code, out } = await replayed(ok, '--json');
    expect([code, JSON.parse(out)]).toEqual([0, ok]);
  });
});

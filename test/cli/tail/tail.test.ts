import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OwnServer } from '../../conformance/server.ts';
import { makeFolder } from '../../contracts/embedded-folder.ts';
import { type Outcome, tenon } from '../command-line.ts';
import { RecordingServer } from '../recording-server.ts';

const SOURCE = `
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class W extends WorkflowEntrypoint {
  async run(event, step) {
    console.log('hello', event.payload);
    await step.do('try', { retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
      console.warn('attempt ' + attempt);
      if (attempt === 1) throw new RangeError('not yet');
    });
    await step.waitForEvent('go', { type: 'go' });
    throw new TypeError('broken');
  }
}
export default { async fetch(request) { console.info('asked'); return new Response('here'); } };
`;

const server = new OwnServer();
const folder = makeFolder();
let common: readonly string[] = [];

beforeAll(async () => {
  await server.start();
  common = ['--url', server.url, '--key', server.operatorKey, '--tenant', 'acme'];
  writeFileSync(join(folder.path, 'index.ts'), SOURCE);
  await tenon(['tenants', 'create', 'acme', ...common]);
  const deployed = await tenon(['deploy', join(folder.path, 'index.ts'), ...common]);
  expect(deployed.code, deployed.err).toBe(0);
}, 30_000);
afterAll(async () => {
  await server.remove();
  folder.remove();
});

/** A tail under way: what it says can be waited for, and Ctrl-C pressed. */
const tail = (...args: string[]) => {
  const lines: string[] = [];
  const looks = new Set<() => void>();
  const take = (text: string): void => {
    lines.push(text);
    for (const look of looks) look();
  };
  let stop = (): void => undefined;
  const ended: Promise<Outcome> = tenon(['tail', ...args], {
    print: take,
    complain: take,
    onStopSignal: (callBack) => {
      stop = callBack;
      return () => undefined;
    },
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!lines.some((line) => line.includes(text))) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
      void ended.then(({ code }) =>
        reject(new Error(`it ended with ${code} before it said ${text}: ${lines.join('\n')}`)),
      );
    });
  return {
    lines,
    says,
    stop: async (): Promise<number> => {
      stop();
      return (await ended).code;
    },
  };
};

it('tells what instances and requests say and come to, and ends with 0 at Ctrl-C', async () => {
  await tenon(['trigger', 'W', '"before"', '--id', 'sleeper', ...common]);
  const { lines, says, stop } = tail(...common);
  await says('Following');
  await tenon(['trigger', 'W', '"ada"', '--id', 'first', ...common]);
  await says('attempt 2');
  await fetch(`${server.url}/t/acme/page`);
  await says('GET /page  200');
  await tenon(['instances', 'send-event', 'W', 'first', '--type', 'go', ...common]);
  await says('errored: TypeError: broken');
  expect(await stop()).toBe(0);
  const ofFirst = lines.filter((line) => line.includes('W first')).map((line) => line.slice(15).split('\n')[0]);
  // What is said is recorded by itself: it may come to stand a little behind what it was said before.
  expect([ofFirst[0], ofFirst.at(-1)]).toEqual(['W first  info   begins', 'W first  errored: TypeError: broken']);
  expect(ofFirst.slice(1, -1).toSorted()).toEqual([
    'W first  [try-1 #2]  warn   attempt 2',
    expect.stringMatching(/^W first {2}\[try-1\] {2}failed \(again in \d+ ms\): RangeError: not yet$/),
    'W first  [try-1]  warn   attempt 1',
    'W first  log    hello ada',
  ]);
  expect(lines.filter((line) => line.includes('GET /page')).map((line) => line.slice(15))).toEqual([
    'GET /page  info   asked',
    expect.stringMatching(/^GET \/page {2}200 {2}\d+ ms$/),
  ]);
});

it('waits for a server that goes away, and goes on where it was', async () => {
  const { lines, says, stop } = tail('--workflow', 'W', ...common);
  await says('Following');
  await tenon(['trigger', 'W', '"grace"', '--id', 'second', ...common]);
  await says('hello grace');
  await server.end('SIGKILL');
  await says('Trying again until it answers');
  await server.start();
  await says('The server answers again.');
  await tenon(['instances', 'send-event', 'W', 'second', '--type', 'go', ...common]);
  await says('errored: TypeError: broken');
  expect(await stop()).toBe(0);
  expect(lines.filter((line) => line.includes('hello grace'))).toHaveLength(1);
}, 30_000);

it('with --json each line is what the API says, of whom', async () => {
  const { lines, says, stop } = tail('--json', '--search', 'asked', ...common);
  await says('Following');
  await fetch(`${server.url}/t/acme/quiet`);
  await tenon(['trigger', 'W', '"asked"', '--id', 'third', ...common]);
  await says('"hello asked"');
  await says('"kind":"request"');
  expect(await stop()).toBe(0);
  const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  expect(told.toSorted((a, b) => a.kind.localeCompare(b.kind))).toMatchObject([
    { kind: 'event', workflow: 'W', id: 'third', event: { type: 'log' } },
    { kind: 'request', path: '/quiet', status: 200, lines: [{ message: 'asked' }] },
  ]);
});

it('says how many it leaves out, once', async () => {
  const instances = Array.from({ length: 12 }, (_, index) => ({
    id: `i${index}`,
    status: 'waiting',
    createdAt: '2026-01-01',
  }));
  const busy = new RecordingServer({
    'GET /v1/tenants/acme': { json: {} },
    'GET /v1/tenants/acme/workflows/W/instances': { json: { instances } },
    ...Object.fromEntries(
      instances.map(({ id }) => [
        `GET /v1/tenants/acme/workflows/W/instances/${id}/subscribe`,
        { json: { events: [], cursor: '0', done: true } },
      ]),
    ),
  });
  const url = await busy.listen();
  const { lines, says, stop } = tail('--workflow', 'W', '--url', url, '--key', 'k', '--tenant', 'acme');
  await says('2 instances left out');
  expect(await stop()).toBe(0);
  expect(lines.filter((line) => line.includes('left out'))).toHaveLength(1);
  await busy.close();
});

it('a server that is not there, or refuses, is told at once', async () => {
  expect((await tenon(['tail', '--url', 'http://127.0.0.1:9', '--tenant', 'acme'])).code).toBe(3);
  expect((await tenon(['tail', '--url', server.url, '--key', 'wrong', '--tenant', 'acme'])).code).toBe(1);
});

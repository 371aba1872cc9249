import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXAMPLES } from '../../lib/cli/examples.ts';
import { splitWords } from '../documents/command-lines.ts';
import { tenon } from './command-line.ts';

const HELLO = resolve(import.meta.dirname, '../../tenant-examples/hello');

/** What commands read before they print, whichever it is: lists with nothing in them, and things that are done. */
const ANSWER = {
  id: 'x',
  status: 'complete',
  outcome: 'ok',
  upload: { url: '/upload', headers: {} },
  bundle: { id: 'x' },
  check: { id: 'x' },
  replaced: { expiresAt: '2027-01-01T00:00:00.000Z' },
  events: [],
  versions: [],
  requests: [],
  instances: [],
  steps: [],
  cursor: 'x',
  done: true,
};

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    const isBundle = /\/bundles\/x/.test(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isBundle ? { ...ANSWER, status: 'ready' } : ANSWER));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** They ask no server: `dev.test.ts` and `init.test.ts` have their own. */
const NOT_HERE: readonly string[] = ['dev', 'init'];
const examples = Object.entries(EXAMPLES).filter(([path]) => !NOT_HERE.includes(path));

it.each(examples)('%s --json prints JSON and nothing else', async (path, example) => {
  const args = [
    ...splitWords(example.slice('tenon '.length)),
    '--json',
    '--url',
    url,
    '--key',
    'k',
    '--tenant',
    'acme',
  ];
  const stopAtOnce = (stop: () => void) => {
    setImmediate(stop);
    return () => undefined;
  };
  const { code, out } = await tenon(args, { cwd: HELLO, onStopSignal: stopAtOnce });
  expect(code).toBe(0);
  // What follows prints a line for each thing that comes, and nothing has come.
  const isFollowing = ['instances logs', 'instances watch', 'tail'].includes(path);
  if (isFollowing) expect(out).toBe('');
  else if (path === 'completion') expect(JSON.parse(out)).toBeInstanceOf(Array);
  else expect(JSON.parse(out)).toMatchObject(example.includes('deploy') ? { status: 'ready' } : ANSWER);
});

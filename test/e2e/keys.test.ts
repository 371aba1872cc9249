import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Api } from '../conformance/api.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { TenonProcess } from './tenon-process.ts';

let folder: ReturnType<typeof makeFolder>;
let started: TenonProcess[];

beforeEach(() => {
  folder = makeFolder();
  started = [];
});
afterEach(async () => {
  for (const process of started) await process.stop('SIGKILL');
  folder.remove();
});

const dev = (): TenonProcess => {
  const args = ['dev', '--port', '0', '--data', 'data', '--no-demo'];
  const process = new TenonProcess(args, { cwd: folder.path });
  started.push(process);
  return process;
};

const inData = (name: string): string => join(folder.path, 'data', name);
const operatorKey = (): string => readFileSync(inData('operator-key'), 'utf8').trim();

/** Every file of the data folder but the one that keeps the operator's key. */
const filesOfData = (): readonly string[] =>
  readdirSync(inData(''), { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'operator-key')
    .map(inData)
    .filter((path) => statSync(path).isFile());

it('keys stand in no file and in no line that is printed, wherever they were sent', async () => {
  const server = dev();
  const operator = new Api(await server.listening(), operatorKey());
  const { body: made } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id: 'acme' } });
  const [{ keyId }] = (await operator.expect(200, 'GET', '/v1/tenants/acme/keys')).body.keys;
  const { body: rotated } = await operator.expect(201, 'POST', `/v1/tenants/acme/keys/${keyId}/rotate`);
  const secrets: readonly string[] = [operator.key, made.apiKey, rotated.apiKey];
  for (const secret of secrets) {
    const headers = { traceparent: secret, 'x-anything': secret };
    await operator.call('DELETE', `/v1/tenants/acme/keys/${secret}`, { headers });
    await operator.call('PATCH', '/v1/tenants/acme', { json: { [secret]: secret }, headers });
    await operator.call('GET', `/v1/tenants/${secret}/${secret}?${secret}=${secret}`, { headers });
    await operator.call('GET', '/t/acme/', { key: secret, headers });
  }
  expect(await server.stop('SIGTERM')).toBe(0);

  const lines = `${server.out}${server.err}`.split('\n').filter((line) => !/^operator key .* \(shown once/.test(line));
  const files = filesOfData();
  expect(files).toContain(inData('tenon.db'));
  for (const secret of secrets) {
    expect(lines.join('\n')).not.toContain(secret);
    for (const file of files) expect(readFileSync(file).includes(secret), file).toBe(false);
  }
});

it('the operator key gives way to another once its file is gone, and the old one is refused', async () => {
  const first = dev();
  await first.listening();
  const old = operatorKey();
  await first.stop('SIGTERM');
  rmSync(inData('operator-key'));

  const second = dev();
  const url = await second.listening();
  expect(operatorKey()).not.toBe(old);
  expect(second.out).toContain(operatorKey());
  await new Api(url, operatorKey()).expect(200, 'GET', '/v1/tenants');
  await new Api(url, old).refused(401, 'auth.invalid', 'GET', '/v1/tenants');
});

import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import type { Answer } from './api.ts';
import { behaviour } from './registry.ts';
import { type TenantWorld, workflow } from './world.ts';

const SOURCE = workflow('return 1;').replaceAll('LEDGER', '""');
const BYTES = new TextEncoder().encode(SOURCE);

behaviour('bundles: a link says what to send: PUT, url, headers and an end in five minutes', async (world) => {
  const tenant = await world.tenant();
  const { body } = await tenant.link(BYTES);
  assert.equal(body.bundle.status, 'awaiting_upload');
  assert.equal(body.upload.method, 'PUT');
  assert.match(body.upload.url, /^https?:\/\//);
  assert.equal(typeof body.upload.headers, 'object');
  const ms = Date.parse(body.upload.expiresAt) - Date.now();
  assert.ok(ms > 4 * 60_000 && ms <= 5 * 60_000 + 5_000, `${ms}`);
  const { body: bundle } = await tenant.api.expect(200, 'GET', `${tenant.path}/bundles/${body.bundle.id}`);
  assert.equal(bundle.status, 'awaiting_upload');
});

behaviour('bundles: an uploaded one becomes ready, a version with its workflows', async (world) => {
  const tenant = await world.tenant();
  const bundle = await tenant.upload(SOURCE);
  assert.equal(bundle.status, 'ready', JSON.stringify(bundle.problems));
  assert.deepEqual(bundle.workflows, [{ name: 'W' }]);
  assert.equal(bundle.hasFetch, false);
  assert.deepEqual(bundle.problems, []);
  assert.equal(typeof bundle.version, 'string');
});

behaviour('bundles: hasFetch tells whether the default export answers requests', async (world) => {
  const tenant = await world.tenant();
  const bundle = await tenant.upload(`${SOURCE}\nexport default { fetch() { return new Response('hello'); } };`);
  assert.equal(bundle.hasFetch, true);
});

behaviour('bundles: JavaScript as text/javascript', async (world) => {
  const tenant = await world.tenant();
  await tenant.deploy(workflow("return 'js';"), { contentType: 'text/javascript' });
  assert.equal(await (await tenant.create()).completed(), 'js');
});

behaviour('bundles: TypeScript with types, generics and enums', async (world) => {
  const tenant =
    await world.deployed(`import { WorkflowEntrypoint, type WorkflowEvent, WorkflowStep } from 'cloudflare:workers';
enum Colour { Red = 'red' }
interface Params<T> { value: T }
export class W extends WorkflowEntrypoint<unknown, Params<number>> {
  private readonly colour: Colour = Colour.Red;
  async run(event: WorkflowEvent<Params<number>>, step: WorkflowStep): Promise<string> {
    return step.do<string>('a', async () => \`\${this.colour} \${event.payload!.value satisfies number}\`);
  }
}`);
  assert.equal(await (await tenant.create({ value: 3 })).completed(), 'red 3');
});

behaviour('bundles: tenon:workers and tenon:workflows are the same modules', async (world) => {
  const tenant = await world.deployed(`import { WorkflowEntrypoint } from 'tenon:workers';
import { NonRetryableError } from 'tenon:workflows';
import { NonRetryableError as Other } from 'cloudflare:workflows';
export class W extends WorkflowEntrypoint { async run() { return NonRetryableError === Other; } }`);
  assert.equal(await (await tenant.create()).completed(), true);
});

behaviour('bundles: a zip of several modules starts at index.ts', async (world) => {
  const tenant = await world.tenant();
  const zip = zipSync({
    'index.ts': strToU8("export { W } from './flows/w.ts';"),
    'flows/w.ts': strToU8(`import { WorkflowEntrypoint } from 'cloudflare:workers';
import { name } from '../data/name';
export class W extends WorkflowEntrypoint { async run() { return name; } }`),
    'data/name.ts': strToU8("export const name: string = 'from afar';"),
  });
  await tenant.deploy(zip, { contentType: 'application/zip' });
  assert.equal(await (await tenant.create()).completed(), 'from afar');
});

behaviour('bundles: a zip without index.ts or index.js is rejected', async (world) => {
  const tenant = await world.tenant();
  const bundle = await tenant.upload(zipSync({ 'main.ts': strToU8(SOURCE) }), { contentType: 'application/zip' });
  assert.equal(bundle.status, 'rejected');
  assert.match(bundle.problems[0].message, /index/);
});

behaviour('bundles: a syntax error is rejected with file, line and column', async (world) => {
  const tenant = await world.tenant();
  const bundle = await tenant.upload('const fine = 1;\n\nconst broken = = 2;\n');
  assert.equal(bundle.status, 'rejected');
  const [problem] = bundle.problems;
  assert.equal(typeof problem.code, 'string');
  assert.equal(typeof problem.message, 'string');
  assert.equal(problem.line, 3);
  assert.equal(problem.column, 15);
  assert.match(problem.file, /\.ts$/);
  assert.equal(bundle.version, undefined);
  assert.deepEqual((await tenant.api.expect(200, 'GET', `${tenant.path}/versions`)).body.versions, []);
});

behaviour('bundles: a syntax error in a module of a zip names that file', async (world) => {
  const tenant = await world.tenant();
  const zip = zipSync({ 'index.ts': strToU8("export * from './lib/w.ts';"), 'lib/w.ts': strToU8('\nlet = ;') });
  const bundle = await tenant.upload(zip, { contentType: 'application/zip' });
  assert.equal(bundle.status, 'rejected');
  assert.equal(bundle.problems[0].file, 'lib/w.ts');
  assert.equal(bundle.problems[0].line, 2);
});

for (const [what, source] of [
  ['no workflow and no fetch', 'export const x = 1;'],
  ['an import of a package', `import { z } from 'zod';\n${SOURCE}\nexport const y = z;`],
  ['an import of a Node module', `import fs from 'node:fs';\n${SOURCE}\nexport const y = fs;`],
  ['an import of a file that is not there', `import { y } from './other.ts';\n${SOURCE}\nexport const z = y;`],
  ['an import of an absolute path', `import hosts from '/etc/hosts';\n${SOURCE}\nexport const z = hosts;`],
  ['top-level code that throws', `${SOURCE}\nthrow new Error('at load');`],
  ['a workflow whose name has 65 characters', SOURCE.replaceAll('class W', `class ${'W'.repeat(65)}`)],
  ['an empty file', ' '],
] as const) {
  behaviour(`bundles: ${what} is rejected with a problem, and no version is made`, async (world) => {
    const tenant = await world.tenant();
    const bundle = await tenant.upload(source);
    assert.equal(bundle.status, 'rejected', JSON.stringify(bundle));
    assert.ok(bundle.problems.length > 0);
    assert.ok(bundle.problems[0].message.length > 0);
    assert.deepEqual((await tenant.api.expect(200, 'GET', `${tenant.path}/versions`)).body.versions, []);
  });
}

behaviour('bundles: top-level code that never ends is rejected, and others go on', async (world) => {
  const tenant = await world.tenant();
  const bundle = await tenant.upload(`${SOURCE}\nfor (;;);`);
  assert.equal(bundle.status, 'rejected');
});

behaviour('bundles: 10 MB are allowed to be declared, one byte more is 413', async (world) => {
  const tenant = await world.tenant();
  const sha256 = 'a'.repeat(64);
  const declare = (size: number) => ({ json: { size, sha256, contentType: 'text/typescript' } });
  await tenant.api.expect(201, 'POST', `${tenant.path}/bundles`, declare(10_000_000));
  await tenant.api.refused(413, 'payload.too_large', 'POST', `${tenant.path}/bundles`, declare(10_000_001));
});

for (const [what, field] of [
  ['an unknown content type', { contentType: 'text/html' }],
  ['a digest that is none', { sha256: 'xyz' }],
  ['a size of 0', { size: 0 }],
  ['a size that is no number', { size: '12' }],
  ['an unknown field', { colour: 'red' }],
] as const) {
  behaviour(`bundles: ${what} is 422`, async (world) => {
    const tenant = await world.tenant();
    const json = { size: 10, sha256: 'a'.repeat(64), contentType: 'text/typescript', ...field };
    const { body } = await tenant.api.refused(422, 'request.invalid', 'POST', `${tenant.path}/bundles`, { json });
    assert.ok(Array.isArray(body.errors) && body.errors.length > 0);
    assert.ok(JSON.stringify(body.errors).includes(Object.keys(field)[0] ?? ''), JSON.stringify(body.errors));
  });
}

/** Refused with a code of the contract by the service itself, and in its own words by a store that links lead to. */
const assertRefusedUpload = (tenant: TenantWorld, url: string, answer: Answer, code: string): void => {
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  if (url.startsWith(tenant.api.url)) assert.equal(answer.body.code, code);
  else assert.match(answer.text, /<Code>\w+<\/Code>/);
};

/** Uploads what the link was not made for, and checks that nothing came of it; the same link still takes the right bytes. */
for (const [what, bytes, code] of [
  ['other bytes of the same size', new Uint8Array(BYTES).fill(32), 'upload.wrong_digest'],
  ['fewer bytes', BYTES.slice(1), 'upload.wrong_size'],
  ['more bytes', new Uint8Array([...BYTES, 32]), 'upload.wrong_size'],
] as const) {
  behaviour(`upload links: ${what} are refused, and nothing is stored`, async (world) => {
    const tenant = await world.tenant();
    const { body } = await tenant.link(BYTES);
    const { 'content-length': _length, ...headers } = body.upload.headers;
    const answer = await tenant.api.call('PUT', body.upload.url, { raw: bytes, headers, key: null });
    assertRefusedUpload(tenant, body.upload.url, answer, code);
    const { body: bundle } = await tenant.api.expect(200, 'GET', `${tenant.path}/bundles/${body.bundle.id}`);
    assert.equal(bundle.status, 'awaiting_upload');
  });
}

behaviour('upload links: one that was used is refused', async (world) => {
  const tenant = await world.tenant();
  const { body } = await tenant.link(BYTES);
  const put = () => tenant.api.call('PUT', body.upload.url, { raw: BYTES, headers: body.upload.headers, key: null });
  assert.ok((await put()).status < 300);
  assertRefusedUpload(tenant, body.upload.url, await put(), 'upload.used');
});

behaviour('upload links: an altered one is refused', async (world) => {
  const tenant = await world.tenant();
  const { body } = await tenant.link(BYTES);
  const { url } = body.upload as { url: string };
  const middle = Math.floor((url.length + url.lastIndexOf('/')) / 2);
  const altered = `${url.slice(0, middle)}${url[middle] === 'a' ? 'b' : 'a'}${url.slice(middle + 1)}`;
  const answer = await tenant.api.call('PUT', altered, { raw: BYTES, headers: body.upload.headers, key: null });
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  const { body: bundle } = await tenant.api.expect(200, 'GET', `${tenant.path}/bundles/${body.bundle.id}`);
  assert.equal(bundle.status, 'awaiting_upload');
});

behaviour('bundles: an unknown one is 404 bundle.not_found', async (world) => {
  const tenant = await world.tenant();
  await tenant.api.refused(404, 'bundle.not_found', 'GET', `${tenant.path}/bundles/nothing`);
});

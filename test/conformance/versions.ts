import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import { behaviour } from './registry.ts';
import { workflow } from './world.ts';

const waitsThen = (word: string) =>
  workflow(
    `const a = await step.do('a', async () => '${word}'); await step.waitForEvent('w', { type: 'go' }); return [a, '${word}'];`,
  );

behaviour('anchor bug 15: a running instance is not resumed on newly uploaded code', async (world) => {
  const tenant = await world.tenant();
  const first = await tenant.deploy(waitsThen('old'));
  const old = await tenant.create();
  await old.waiting();
  const second = await tenant.deploy(waitsThen('new'));
  assert.notEqual(first, second);
  const fresh = await tenant.create();
  await fresh.waiting();
  for (const instance of [old, fresh]) await instance.send('go');
  assert.deepEqual(await old.completed(), ['old', 'old']);
  assert.deepEqual(await fresh.completed(), ['new', 'new']);
  assert.equal((await old.detail()).version, first);
  assert.equal((await fresh.detail()).version, second);
});

behaviour('versions: restart keeps the version of the instance', async (world) => {
  const tenant = await world.tenant();
  const first = await tenant.deploy(workflow("return 'old ' + (await note('ran'));"));
  const instance = await tenant.create();
  assert.equal(await instance.completed(), 'old 1');
  await tenant.deploy(workflow("return 'new ' + (await note('ran'));"));
  await instance.control('restart');
  const detail = await instance.until('second output', ({ output }) => output === 'old 2');
  assert.equal(detail.version, first);
});

behaviour('versions: newest first, and which is active', async (world) => {
  const tenant = await world.tenant();
  const versions = [];
  for (const word of ['one', 'two', 'three']) versions.push(await tenant.deploy(workflow(`return '${word}';`)));
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/versions`);
  assert.deepEqual(
    body.versions.map(({ version, active }: { version: string; active: boolean }) => [version, active]),
    [...versions].reverse().map((version, index) => [version, index === 0]),
  );
});

behaviour('versions: each tells the level of the API that it was made for', async (world) => {
  const tenant = await world.deployed(workflow("return 'one';"));
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/versions`);
  assert.deepEqual(
    body.versions.map(({ apiLevel }: { apiLevel: number }) => apiLevel),
    [1],
  );
});

behaviour('versions: activate: false leaves the active one in place until it is activated', async (world) => {
  const tenant = await world.deployed(workflow("return 'old';"));
  const version = await tenant.deploy(workflow("return 'new';"), { activate: false });
  assert.equal(await (await tenant.create()).completed(), 'old');
  await tenant.api.expect(200, 'POST', `${tenant.path}/versions/${version}/activate`);
  assert.equal(await (await tenant.create()).completed(), 'new');
});

behaviour('versions: an older one can be activated again', async (world) => {
  const tenant = await world.tenant();
  const first = await tenant.deploy(workflow("return 'first';"));
  await tenant.deploy(workflow("return 'second';"));
  await tenant.api.expect(200, 'POST', `${tenant.path}/versions/${first}/activate`);
  assert.equal(await (await tenant.create()).completed(), 'first');
});

behaviour('versions: an instance may be created on a version by name', async (world) => {
  const tenant = await world.tenant();
  const first = await tenant.deploy(workflow("return 'first';"));
  await tenant.deploy(workflow("return 'second';"));
  const instance = await tenant.create(undefined, { version: first });
  assert.equal(await instance.completed(), 'first');
});

behaviour('versions: an unknown one is 404 version.not_found', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const unknown = '0'.repeat(32);
  await tenant.api.refused(404, 'version.not_found', 'POST', `${tenant.path}/versions/${unknown}/activate`);
  await tenant.api.refused(404, 'version.not_found', 'POST', tenant.instances(), { json: { version: unknown } });
});

behaviour('versions: the same content is the same version', async (world) => {
  const tenant = await world.tenant();
  const source = workflow("return 'same';");
  const versions = [
    await tenant.deploy(source),
    await tenant.deploy(workflow("return 'other';")),
    await tenant.deploy(source),
  ];
  assert.equal(versions[0], versions[2]);
  assert.equal((await tenant.api.expect(200, 'GET', `${tenant.path}/versions`)).body.versions.length, 2);
  assert.equal(await (await tenant.create()).completed(), 'same');
});

behaviour('versions: without one, creating is 409 version.none_active', async (world) => {
  const tenant = await world.tenant();
  await tenant.api.refused(409, 'version.none_active', 'POST', tenant.instances(), { json: {} });
});

behaviour('versions: a rejected bundle changes nothing', async (world) => {
  const tenant = await world.deployed(workflow("return 'still here';"));
  assert.equal((await tenant.upload('this is no source')).status, 'rejected');
  assert.equal(await (await tenant.create()).completed(), 'still here');
});

behaviour(
  'versions: a workflow that the active version lacks cannot be created, its old instances go on',
  async (world) => {
    const tenant = await world.deployed(waitsThen('kept'));
    const instance = await tenant.create();
    await instance.waiting();
    await tenant.deploy(workflow('return 1;').replace('class W', 'class Other'));
    await tenant.api.refused(404, 'workflow.not_found', 'POST', tenant.instances(), { json: {} });
    await instance.send('go');
    assert.deepEqual(await instance.completed(), ['kept', 'kept']);
  },
);

/** Of an answer. */
const SOURCE_LIMIT_BYTES = 5_000_000;

behaviour('versions: the source of one is what was uploaded, comments and types included', async (world) => {
  const tenant = await world.tenant();
  const source = `// Says hello.\n${workflow("const word: string = 'hello'; return word;")}`;
  // As bytes nothing of it is replaced.
  const version = await tenant.deploy(strToU8(source));
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/versions/${version}/source`);
  assert.deepEqual(body, { version, contentType: 'text/typescript', files: [{ path: 'index.ts', text: source }] });
});

behaviour('versions: the source of a zip is all of its modules by path, those for types too', async (world) => {
  const tenant = await world.tenant();
  const files = {
    'index.ts': `import type { Word } from './lib/word.ts';\n${workflow("return 'zipped' satisfies Word;")}`,
    'lib/word.ts': 'export type Word = string;',
  };
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));
  const version = await tenant.deploy(zip, { contentType: 'application/zip' });
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/versions/${version}/source`);
  assert.deepEqual(body, {
    version,
    contentType: 'application/zip',
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
  });
});

behaviour('versions: a source that no answer holds is 409 source.too_large, an unknown version 404', async (world) => {
  const tenant = await world.tenant();
  const version = await tenant.deploy(`${workflow('return 1;')}//${'x'.repeat(SOURCE_LIMIT_BYTES)}`);
  await tenant.api.refused(409, 'source.too_large', 'GET', `${tenant.path}/versions/${version}/source`);
  await tenant.api.refused(404, 'version.not_found', 'GET', `${tenant.path}/versions/${'0'.repeat(32)}/source`);
});

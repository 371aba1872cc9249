import assert from 'node:assert/strict';
import { assertSaysNothingOfTheHost, ended, hostileTenant, hostileTurn } from './hostile-turns.ts';
import { attack } from './registry.ts';

/** Every object that a guest can get at, and what each leads to by its constructors: none of it may know of a process. */
const FIND_HOST = `
const seen = new Set();
const found = [];
const look = (value, path, depth) => {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 6) return;
  seen.add(value);
  for (const make of [value.constructor, value?.constructor?.constructor]) {
    try {
      const world = make?.('return typeof process + typeof require + typeof global + typeof Buffer')?.();
      if (typeof world === 'string' && /object|function/.test(world)) found.push(path);
    } catch {}
  }
  for (const key of Reflect.ownKeys(value)) {
    try { look(value[key], path + '.' + String(key), depth + 1); } catch (error) { look(error, path + '!' + String(key), depth + 1); }
  }
  look(Object.getPrototypeOf(value), path + '^', depth + 1);
};
`;
const NOTHING_FOUND = /^complete \[\]/;

hostileTurn('escape', 'constructors of all that can be reached', {
  body: `${FIND_HOST} look(globalThis, 'globalThis', 0); look(step, 'step', 0); look(event, 'event', 0); look(this, 'this', 0); return found;`,
  ends: NOTHING_FOUND,
  limits: { cpuMs: 10_000, memoryMb: 128 },
});
hostileTurn('escape', 'constructors of errors of the platform', {
  body: `${FIND_HOST}
for (const make of [() => fetch('http://10.0.0.1/'), () => step.do('', async () => 1), () => step.sleep('n', -1), () => this.env.WORKFLOWS.get('none')]) {
  try { await make(); } catch (error) { look(error, 'error', 0); }
}
return found;`,
  ends: NOTHING_FOUND,
  limits: { cpuMs: 10_000, memoryMb: 128 },
});
hostileTurn('escape', 'prepareStackTrace', {
  body: `let frames = 'not called';
Error.prepareStackTrace = (_, calls) => { frames = calls.map((call) => [String(call.getFileName?.()), typeof call.getThis?.(), typeof call.getFunction?.()]); return ''; };
try { await fetch('http://10.0.0.1/'); } catch (error) { void error.stack; }
void new Error('own').stack;
return JSON.stringify(frames);`,
  ends: /^complete (?!.*(?:node:|\/lib\/))/,
});
hostileTurn('escape', 'proxies and thenables as arguments', {
  body: `const trap = new Proxy(function () {}, { get: (_, key) => (key === 'then' ? undefined : trap), apply: () => trap, construct: () => trap });
const out = [];
for (const call of [() => fetch(trap), () => step.do(trap, trap), () => step.sleep(trap, trap), () => step.waitForEvent(trap, trap), () => this.env.WORKFLOWS.create(trap)]) {
  try { await call(); out.push('passed'); } catch (error) { out.push(error.name); }
}
return out;`,
  ends: /^(?:complete \[|errored )/,
});
hostileTurn('escape', 'prototypes that the bridge stands on', {
  body: `Object.defineProperty(Object.prototype, 'toJSON', { value() { return { kind: 'finished', records: 'none' } } });
Object.prototype.kind = 'call'; Object.prototype.tenant = 'other'; Array.prototype.push = () => { throw 1; }; Map.prototype.get = () => 1;
await step.do('a', async () => 1); return 'went on';`,
  ends: /^(?:complete|errored)/,
});
hostileTurn('escape', 'modules that are there for the host', {
  before: '',
  body: `const out = [];
for (const name of ['node:fs', 'fs', 'child_process', './process.ts', 'file:///etc/passwd', 'isolated-vm']) {
  try { await new Function('n', 'return import(n)')(name); out.push(name); } catch {}
  try { await (0, eval)('import(' + JSON.stringify(name) + ')'); out.push(name); } catch {}
}
return out;`,
  ends: NOTHING_FOUND,
});
hostileTurn('escape', 'globals of the host', {
  body: `return ['process', 'require', 'module', 'global', 'Buffer', '__dirname', '$tenonBoot', 'ivm', 'gc', 'WeakRef', 'FinalizationRegistry'].filter((name) => typeof globalThis[name] !== 'undefined');`,
  ends: NOTHING_FOUND,
});
hostileTurn('escape', 'messages of the protocol, forged', {
  body: `const said = [];
for (const key of Reflect.ownKeys(globalThis)) {
  const value = globalThis[key];
  if (typeof value === 'function' && /post|send|enter|alarm|entropy|callback/i.test(String(key))) said.push(String(key));
}
return said.filter((name) => !/^(postMessage)$/.test(name));`,
  ends: NOTHING_FOUND,
});

attack('escape', 'an envelope that names another tenant', async (world) => {
  const victim = await world.deployed(
    'export class W { }\nexport default { fetch() { return new Response("theirs"); } };'.replace(
      'export class W { }',
      "import { WorkflowEntrypoint } from 'cloudflare:workers';\nexport class W extends WorkflowEntrypoint { async run() { return 'theirs'; } }",
    ),
  );
  const tenant = await hostileTenant(world, { body: 'return event.payload;', ends: /./ });
  const params = { __dispatcherMetadata: { tenant: victim.id, workflow: 'W' }, params: 1 };
  const instance = await tenant.create(params);
  const detail = await ended(tenant, instance.id);
  assert.deepEqual(detail.output, params);
  const { body } = await victim.api.expect(200, 'GET', victim.instances());
  assert.deepEqual(body.instances, []);
  return 'was data, and stayed with its sender';
});

attack('escape', '__proto__ in params, results and events', async (world) => {
  const tenant = await hostileTenant(world, {
    body: `let kept = 'kept';
try { await step.do('a', async () => JSON.parse('{"__proto__":{"polluted":1}}')); } catch { kept = 'refused'; }
await step.do('b', async () => JSON.parse('{"constructor":{"prototype":{"polluted":1}}}'));
await step.waitForEvent('w', { type: 'e' });
return [({}).polluted ?? null, kept];`,
    ends: /./,
  });
  const refused = (path: string, text: string) =>
    tenant.api.refused(422, 'request.invalid', 'POST', path, {
      raw: new TextEncoder().encode(text),
      headers: { 'content-type': 'application/json' },
    });
  await refused(tenant.instances(), '{"params":{"a":[{"__proto__":{"polluted":1}}]}}');
  const instance = await tenant.create({ constructor: { prototype: { polluted: 1 } } });
  await refused(`${instance.path}/events/e`, '{"__proto__":{"polluted":1}}');
  await instance.send('e', { constructor: { prototype: { polluted: 1 } } });
  const { status, output, error } = await ended(tenant, instance.id);
  assert.deepEqual([status, output], ['complete', [null, 'refused']], JSON.stringify(error));
  return 'refused, or polluted nothing';
});

for (const [what, source] of [
  ['a file of the host', "import text from '/etc/passwd'; export default text;"],
  ['a file beside the service', "import text from '../../package.json'; export default text;"],
  ['a module of Node', "import fs from 'node:fs'; export default fs;"],
  ['a file by its type', "import text from './x' with { type: 'text' }; export default text;"],
] as const) {
  attack('escape', `a bundle that imports ${what}`, async (world) => {
    const tenant = await world.tenant();
    const bundle = await tenant.upload(source);
    assert.equal(bundle.status, 'rejected');
    assertSaysNothingOfTheHost(bundle.problems);
    return `rejected: ${bundle.problems[0].code}`;
  });
}
for (const [what, source] of [
  ['loops where it is evaluated', 'for (;;) {}'],
  ['fills memory where it is evaluated', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length));'],
  ['is a million brackets', `const x = ${'['.repeat(200_000)}${']'.repeat(200_000)};`],
] as const) {
  attack('escape', `a bundle that ${what}`, async (world) => {
    const tenant = await world.tenant();
    const bundle = await tenant.upload(
      `import { WorkflowEntrypoint } from 'cloudflare:workers';\n${source}\nexport class W extends WorkflowEntrypoint { async run() {} }`,
    );
    assert.equal(bundle.status, 'rejected');
    assertSaysNothingOfTheHost(bundle.problems);
    return `rejected: ${bundle.problems[0].code}`;
  });
}

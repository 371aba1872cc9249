import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { stepOf, workflow } from './world.ts';

/** An expression that makes a value, and one that is true of the value `v` that came back. */
const CROSSING: readonly (readonly [what: string, make: string, holds: string])[] = [
  ['Date', 'new Date(1234567890123)', 'v instanceof Date && v.getTime() === 1234567890123'],
  [
    'Map',
    'new Map([["a", 1], [{ k: 1 }, new Date(5)]])',
    'v instanceof Map && v.size === 2 && v.get("a") === 1 && [...v.keys()][1].k === 1',
  ],
  ['Set', 'new Set([1, "two"])', 'v instanceof Set && v.has(1) && v.has("two") && v.size === 2'],
  ['BigInt', '12345678901234567890n', 'v === 12345678901234567890n'],
  ['RegExp', '/a+b/gi', 'v instanceof RegExp && v.source === "a+b" && v.flags === "gi"'],
  ['Uint8Array', 'new Uint8Array([0, 127, 255])', 'v instanceof Uint8Array && v.length === 3 && v[2] === 255'],
  ['Float64Array', 'new Float64Array([0.5, -1e300])', 'v instanceof Float64Array && v[1] === -1e300'],
  ['ArrayBuffer', 'new Uint8Array([1, 2]).buffer', 'v instanceof ArrayBuffer && new Uint8Array(v)[1] === 2'],
  ['TypeError', 'new TypeError("why")', 'v instanceof TypeError && v.message === "why"'],
  ['undefined', 'undefined', 'v === undefined'],
  ['undefined in an object', '({ a: undefined, b: 1 })', '"a" in v && v.a === undefined && v.b === 1'],
  [
    'NaN and the infinities',
    '[NaN, Infinity, -Infinity]',
    'Number.isNaN(v[0]) && v[1] === Infinity && v[2] === -Infinity',
  ],
  ['minus zero', '-0', 'Object.is(v, -0)'],
  ['null', 'null', 'v === null'],
  ['a cycle', '(() => { const a = { name: "a" }; a.self = a; return a; })()', 'v.self === v && v.name === "a"'],
  ['one object twice', '(() => { const a = {}; return [a, a]; })()', 'v[0] === v[1]'],
  ['any Unicode', '"ünï 🎉 \\u0000 \\ud800"', 'v === "ünï 🎉 \\u0000 \\ud800"'],
  [
    'a key called __proto__',
    'JSON.parse(\'{"__proto__": {"polluted": true}, "a": 1}\')',
    'v.a === 1 && v.polluted === undefined && ({}).polluted === undefined',
  ],
];

for (const [what, make, holds] of CROSSING) {
  const isRefusable = what.includes('__proto__');
  behaviour(`values: ${what} crosses a step, live and on replay`, async (world) => {
    const tenant = await world.deployed(
      workflow(`let v;
    try { v = await step.do('make', async () => (${make})); } catch (error) { if (${isRefusable}) return [true, true]; throw error; }
    const holds = () => Boolean(${holds});
    const live = await step.do('keep', async () => holds());
    await step.waitForEvent('go on', { type: 'go' });
    return [live, holds()];`),
    );
    const instance = await tenant.create();
    const first = await instance.until(
      'waiting or finished',
      ({ status }) => status === 'waiting' || status === 'complete',
    );
    if (first.status === 'waiting') await instance.send('go');
    assert.deepEqual(await instance.completed(), [true, true]);
  });
}

behaviour('values: results come back in decoded form the first time too', async (world) => {
  const body = `class Point { constructor() { this.x = 1; } }
    const made = { list: [new Point()] };
    const got = await step.do('make', async () => made);
    return [got === made, got.list === made.list, got.list[0] instanceof Point, got.list[0].x];`;
  assert.deepEqual(await world.output(body), [false, false, false, 1]);
});

behaviour('values: changing a result does not change what a replay gives', async (world) => {
  const tenant = await world.deployed(
    workflow(`const list = await step.do('make', async () => [1]);
    list.push(2);
    await step.waitForEvent('go on', { type: 'go' });
    return list;`),
  );
  const instance = await tenant.create();
  await instance.waiting();
  await instance.send('go');
  assert.deepEqual(await instance.completed(), [1, 2]);
});

for (const [what, make] of [
  ['a function', '() => 1'],
  ['a symbol', 'Symbol("s")'],
  ['a function inside an object', '({ deep: { callback() {} } })'],
] as const) {
  behaviour(
    `anchor bug 12: ${what} as a result is a fatal error that names the step, not a hanging instance`,
    async (world) => {
      const tenant = await world.deployed(
        workflow(`await step.do("bad result", async () => { await note('ran'); return ${make}; });`),
      );
      const detail = await (await tenant.create()).finished();
      assert.equal(detail.status, 'errored');
      assert.match(detail.error.message, /bad result/);
      assert.equal(tenant.count('ran'), 1, 'it was retried');
    },
  );
}

const SHOWN: readonly (readonly [type: string, make: string, value?: unknown])[] = [
  ['Date', 'new Date(0)', '1970-01-01T00:00:00.000Z'],
  ['Map', 'new Map([["a", 1]])'],
  ['Set', 'new Set([1, 2])', [1, 2]],
  ['BigInt', '123n', '123'],
  ['Error', 'new RangeError("why")'],
  ['Bytes', 'new Uint8Array([1, 2, 3])'],
  ['RegExp', '/a/g'],
  ['Number', 'NaN'],
];

for (const [type, make, value] of SHOWN) {
  behaviour(`values: in the API a ${type} stands as $type and value`, async (world) => {
    const output = (await world.output(`return { at: ${make}, plain: 1 };`)) as {
      at: { $type: string; value: unknown };
      plain: number;
    };
    assert.equal(output.at.$type, type, JSON.stringify(output));
    assert.equal(output.plain, 1);
    if (value === undefined) assert.ok('value' in output.at);
    else assert.deepEqual(output.at.value, value);
  });
}

behaviour('values: in the API undefined inside a value stands as $type Undefined', async (world) => {
  const output = (await world.output('return [undefined, 1];')) as { $type?: string }[];
  assert.equal(output[0]?.$type, 'Undefined');
});

behaviour('values: __proto__ in params pollutes nothing', async (world) => {
  const tenant = await world.deployed(
    workflow('return [({}).polluted ?? "clean", event.payload.polluted ?? "clean"];'),
  );
  const { status, body } = await tenant.api.call('POST', `${tenant.instances()}?wait=20`, {
    raw: '{"params": {"__proto__": {"polluted": "yes"}, "a": 1}}',
    headers: { 'content-type': 'application/json' },
  });
  if (status === 201) assert.deepEqual(body.output, ['clean', 'clean']);
  else assert.ok(status === 400 || status === 422);
});

behaviour(
  'detail: a long output of a step is cut at 4 KiB with truncated: true, and whole by itself',
  async (world) => {
    const tenant = await world.deployed(
      workflow("await step.do('long', async () => 'x'.repeat(10000)); await step.do('short', async () => 'y');"),
    );
    const instance = await tenant.create();
    const detail = await instance.finished();
    const long = stepOf(detail, 'long');
    assert.equal(long.truncated, true);
    assert.ok(JSON.stringify(long.output).length <= 4_200);
    assert.notEqual(stepOf(detail, 'short').truncated, true);
    const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/step?name=long`);
    assert.equal(body.output, 'x'.repeat(10_000));
    assert.notEqual(body.truncated, true);
  },
);

import { hostileTurn } from './hostile-turns.ts';

/** What fills memory takes time to do so; whoever stops it first has stopped it. */
const LIMITS = { cpuMs: 4_000, memoryMb: 32 };
const STOPPED =
  /^errored (?:MemoryLimitExceededError: .*memory|CpuLimitExceededError: |RangeError: |WorkflowInternalError: Three turns in a row)/;
const memory = (name: string, body: string, ends = STOPPED): void =>
  hostileTurn('memory', name, { body, ends, limits: LIMITS });

memory('arrays', 'const all = []; for (;;) all.push(new Array(10_000).fill(0));');
memory('one huge array', 'return new Array(1e9).fill(0).length;');
memory('texts', "const all = []; for (let i = 0; ; i++) all.push(('x' + i).repeat(1e5).split('').join('-'));");
memory('a bag of properties', "const bag = {}; for (let i = 0; ; i++) bag['p' + i] = i;");
memory('a Map', 'const map = new Map(); for (let i = 0; ; i++) map.set(i, { i });');
memory('small buffers', 'const all = []; for (;;) all.push(new Uint8Array(1_000).fill(1));');
memory('large buffers', 'const all = []; for (;;) all.push(new Uint8Array(8e6).fill(1));');
memory(
  'a buffer that can grow',
  "return typeof ArrayBuffer.prototype.resize === 'undefined' ? 'not there' : new ArrayBuffer(1, { maxByteLength: 2 ** 32 }).resize(2 ** 32);",
  /^complete "not there"|^errored (?:RangeError|TypeError|MemoryLimitExceededError)/,
);
memory('wide JSON', "const all = []; for (;;) all.push(JSON.parse('[' + '{},'.repeat(2e5) + '{}]'));");
memory('deep JSON', "return JSON.parse('['.repeat(5e6) + ']'.repeat(5e6));");
memory('formatters', "const all = []; for (;;) all.push(new Intl.DateTimeFormat('de'));");
memory('symbols', "const bag = {}; for (let i = 0; ; i++) bag[Symbol('s' + i)] = i;");
memory('recursion without end', 'const f = () => f() + 1; return f();', /^errored RangeError: Maximum call stack/);
memory(
  'a flood of microtasks',
  'const go = () => { Promise.resolve().then(go); Promise.resolve().then(go); }; go(); await new Promise(() => {});',
);
memory(
  'a million steps at once',
  "await Promise.all(Array.from({ length: 1e6 }, (_, i) => step.do('s' + i, async () => i)));",
  /^errored /,
);
memory('a step name without end', "await step.do('n'.repeat(5e6), async () => 1);", /^errored /);
memory(
  'a result that is too large',
  "return 'x'.repeat(5e6);",
  /^errored .*too large|^errored .*1 MiB|^errored .*1048576/,
);
memory('an error that is too large', "throw new Error('x'.repeat(8e6));", /^errored Error: x{100}/);
memory(
  'a log that is too large',
  "for (let i = 0; i < 5_000; i++) console.log('x'.repeat(20_000)); return 'said';",
  /^complete "said"|^errored (?:Cpu|Memory)/,
);
memory('WebAssembly', 'return typeof WebAssembly;', /^complete "undefined"/);
memory('shared buffers', 'return typeof SharedArrayBuffer + typeof Atomics;', /^complete "undefinedundefined"/);

import { hostileTurn } from './hostile-turns.ts';

const BY_CPU = /^errored CpuLimitExceededError: .*CPU limit of 400 ms/;
const cpu = (name: string, body: string, before = ''): void => hostileTurn('cpu', name, { body, before, ends: BY_CPU });

cpu('an endless loop', 'for (;;) {}');
cpu('an endless loop in a callback', "await step.do('a', () => { for (;;) {} });");
cpu('an endless loop of microtasks', 'for (;;) await null;');
cpu('a regular expression that backtracks', "return /^(a+)+$/.test('a'.repeat(40) + 'b');");
cpu('a comparator that never decides', 'Array.from({ length: 1e6 }, (_, i) => i).sort(() => { for (;;) {} });');
cpu('a number of a million digits', 'let n = 7n; for (;;) n = n ** 3n % (10n ** 1000000n);');
cpu('a getter on the result', 'return { get x() { for (;;) {} } };');
cpu('a message that loops', 'throw { get message() { for (;;) {} }, toJSON() { for (;;) {} } };');
cpu('a thenable that loops', 'return { then() { for (;;) {} } };');
cpu('a proxy that loops', 'return new Proxy({}, { ownKeys() { for (;;) {} }, get() { for (;;) {} } });');

hostileTurn('cpu', 'calls to the outside in a loop', {
  body: "await step.do('a', { retries: { limit: 0, delay: 0 } }, async () => { for (;;) await fetch('http://10.0.0.1/').catch((error) => { if (/subrequests/.test(error.message)) throw error; }); });",
  ends: /^errored (?:CpuLimitExceededError: |TypeError: Too many subrequests: .* 1000 calls)/,
  limits: { cpuMs: 2_000, memoryMb: 64 },
});
hostileTurn('cpu', 'a promise that never settles', {
  body: 'await new Promise(() => {});',
  ends: /^errored .*can never happen/,
});
hostileTurn('cpu', 'a callback that never settles', {
  body: "await step.do('a', { timeout: 300, retries: { limit: 0, delay: 0 } }, () => new Promise(() => {}));",
  ends: /^errored .*timed out after 300ms/,
});
hostileTurn('cpu', 'a loop that is lost on purpose', {
  body: '(async () => { for (;;) await null; })(); return 1;',
  ends: /^(?:complete 1|errored CpuLimitExceededError)/,
});

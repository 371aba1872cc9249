import { gate, resetEachTurn } from './gate.ts';

type Callback = (...args: unknown[]) => unknown;

/** The numbers that tenants see are ours, so that an interval keeps one while the gate's timers change under it. */
const gateTimers = new Map<number, number>();
let lastId = 0;

resetEachTurn(() => {
  gateTimers.clear();
  lastId = 0;
});

// Longer waits than a signed 32-bit count of milliseconds fire at once everywhere; so here.
const longestMs = 2 ** 31 - 1;

function wholeMs(delay: unknown): number {
  const ms = Math.trunc(Number(delay));
  return ms > 0 && ms <= longestMs ? ms : 0;
}

function checked(callback: unknown, name: string): Callback {
  if (typeof callback === 'function') return callback as Callback;
  throw new TypeError(`${name} takes a function; text is not evaluated here.`);
}

function call(callback: Callback, args: unknown[]): void {
  try {
    callback(...args);
  } catch (error) {
    gate().report(error);
  }
}

export function setTimeout(callback: unknown, delay?: unknown, ...args: unknown[]): number {
  const todo = checked(callback, 'setTimeout');
  const id = ++lastId;
  const fire = () => {
    gateTimers.delete(id);
    call(todo, args);
  };
  gateTimers.set(id, gate().setTimer(wholeMs(delay), fire, true));
  return id;
}

export function setInterval(callback: unknown, delay?: unknown, ...args: unknown[]): number {
  const todo = checked(callback, 'setInterval');
  const id = ++lastId;
  const ms = Math.max(1, wholeMs(delay));
  const fire = () => {
    // Armed first, so that the callback can clear it.
    arm();
    call(todo, args);
  };
  const arm = () => gateTimers.set(id, gate().setTimer(ms, fire, true));
  arm();
  return id;
}

export function clearTimeout(id?: unknown): void {
  const timer = gateTimers.get(Number(id));
  if (timer === undefined) return;
  gateTimers.delete(Number(id));
  gate().clearTimer(timer);
}

export function clearInterval(id?: unknown): void {
  clearTimeout(id);
}

export function queueMicrotask(callback: unknown): void {
  const todo = checked(callback, 'queueMicrotask');
  void Promise.resolve().then(() => call(todo, []));
}

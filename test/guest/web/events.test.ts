import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('EventTarget', () => {
  // Node keeps one list for both phases and calls what is added meanwhile; the standard does not.
  it('calls listeners in order, once each, and captures first', async () => {
    const seen = await run(() => {
      const calls: string[] = [];
      const target = new EventTarget();
      const first = () => calls.push('first');
      target.addEventListener('x', first);
      target.addEventListener('x', first);
      target.addEventListener('x', { handleEvent: (event) => calls.push(`object ${event.type}`) });
      target.addEventListener('x', () => calls.push('capture'), { capture: true });
      target.addEventListener('x', () => calls.push('once'), { once: true });
      target.addEventListener('x', () => {
        calls.push('adds');
        target.addEventListener('x', () => calls.push('added'));
      });
      target.dispatchEvent(new Event('x'));
      calls.push('-');
      target.removeEventListener('x', first);
      target.dispatchEvent(new Event('x'));
      return calls.join(' ');
    });
    expect(seen).toBe('capture first object x once adds - capture object x adds added');
  });

  same('tells its event where it is and whether it was prevented', () => {
    const target = new EventTarget();
    const event = new Event('x', { cancelable: true });
    const seen: unknown[] = [];
    target.addEventListener('x', (each) => {
      seen.push(each.target === target, each.currentTarget === target, each.eventPhase, each.composedPath().length);
      each.preventDefault();
      each.stopImmediatePropagation();
    });
    target.addEventListener('x', () => seen.push('never'));
    return [target.dispatchEvent(event), event.defaultPrevented, event.currentTarget, event.eventPhase, ...seen];
  });

  same('lets a passive listener prevent nothing, and a signal take a listener away', () => {
    const target = new EventTarget();
    const controller = new AbortController();
    const calls: string[] = [];
    target.addEventListener('x', (event) => event.preventDefault(), { passive: true });
    target.addEventListener('x', () => calls.push('signal'), { signal: controller.signal });
    const isUnprevented = target.dispatchEvent(new Event('x', { cancelable: true }));
    controller.abort();
    target.dispatchEvent(new Event('x'));
    target.addEventListener('x', () => calls.push('late'), { signal: controller.signal });
    target.dispatchEvent(new Event('x'));
    return [isUnprevented, calls];
  });

  same('carries details and refuses what is no event', ({ thrown }) => {
    const target = new EventTarget();
    const event = new Event('x');
    let isRefused = false;
    target.addEventListener('x', () => {
      isRefused = thrown(() => target.dispatchEvent(event)) !== 'nothing';
    });
    target.dispatchEvent(event);
    return [
      new CustomEvent('x', { detail: { a: 1 } }).detail,
      new CustomEvent('x').detail,
      isRefused,
      Event.prototype.toString.call(new Event('x')),
      class extends EventTarget {}.prototype instanceof EventTarget,
    ];
  });

  it('reports what a listener throws and goes on', async () => {
    const seen = await run((_, { gate }) => {
      const target = new EventTarget();
      const calls: string[] = [];
      target.addEventListener('x', () => {
        throw new RangeError('thrown by a listener');
      });
      target.addEventListener('x', () => calls.push('next'));
      target.dispatchEvent(new Event('x'));
      return [calls, gate.reports.map(String)];
    });
    expect(seen).toEqual([['next'], ['RangeError: thrown by a listener']]);
  });
});

describe('AbortSignal', () => {
  same('is aborted once, with its reason', ({ thrown }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const calls: unknown[] = [];
    signal.onabort = (event) => calls.push(event.type);
    signal.addEventListener('abort', () => calls.push(signal.aborted));
    const before = thrown(() => signal.throwIfAborted());
    controller.abort();
    controller.abort('again');
    return [before, calls, signal.reason.name, signal.reason.code, thrown(() => signal.throwIfAborted())];
  });

  same('takes any value as a reason', () => [
    AbortSignal.abort('why').reason,
    AbortSignal.abort(null).reason,
    AbortSignal.abort().reason.message,
  ]);

  same('follows the first of several', () => {
    const [left, right] = [new AbortController(), new AbortController()];
    const both = AbortSignal.any([left.signal, right.signal]);
    const nested = AbortSignal.any([both]);
    const order: string[] = [];
    nested.addEventListener('abort', () => order.push('nested'));
    both.addEventListener('abort', () => order.push(`both ${nested.aborted}`));
    left.signal.addEventListener('abort', () => order.push(`left ${both.aborted}`));
    left.abort('left');
    right.abort('right');
    const none = AbortSignal.any([]);
    return [both.reason, nested.reason, order.sort(), none.aborted, AbortSignal.any([right.signal]).reason];
  });

  same('cannot be constructed', ({ thrown }) => [
    thrown(() => Reflect.construct(AbortSignal, [])),
    thrown(() => AbortSignal.timeout(-1)) === 'nothing',
    thrown(() => AbortSignal.any([{} as AbortSignal])),
  ]);

  it('is aborted by a deadline that holds no turn', async () => {
    const seen = await run(async (_, { gate }) => {
      const signal = AbortSignal.timeout(5_000);
      const holds = gate.timers.map((timer) => timer.holdsTurn);
      await gate.advance(4_999);
      const early = signal.aborted;
      await gate.advance(1);
      return [holds, early, signal.aborted, signal.reason.name, signal.reason.code];
    });
    expect(seen).toEqual([[false], false, true, 'TimeoutError', 23]);
  });
});

describe('DOMException', () => {
  same('has its name, code, constants and a stack', () => {
    const error = new DOMException('gone', 'NotFoundError');
    return [
      error.name,
      error.message,
      error.code,
      `${error}`,
      error instanceof Error,
      typeof error.stack,
      DOMException.DATA_CLONE_ERR,
      error.INVALID_CHARACTER_ERR,
      DOMException.URL_MISMATCH_ERR,
      DOMException.NO_MODIFICATION_ALLOWED_ERR,
      new DOMException().name,
      new DOMException('m', 'Own').code,
      Object.prototype.toString.call(error),
    ];
  });
});

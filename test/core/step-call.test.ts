import { describe, expect, it } from 'vitest';
import { DAY_MS, MAX_WAIT_MS } from '../../lib/core/limits.ts';
import {
  readDefer,
  readDelay,
  readDo,
  readSleep,
  readSleepUntil,
  readWaitForEvent,
} from '../../lib/core/replay/step-call.ts';
import { DEFAULT_STEP_CONFIG } from '../../lib/core/step-config.ts';

const callback = () => 1;
const refused = (problem: string) => ({ ok: false, problem: expect.stringContaining(problem) });
const BAD_NAMES = ['', 5, undefined, null, {}, 'a\n', 'x'.repeat(257)];

describe('step.do', () => {
  it('takes a callback, with a config before it or without', () => {
    const plain = { ok: true, config: undefined, callback, delay: undefined, undo: undefined };
    expect(readDo('a', [callback])).toEqual(plain);
    expect(readDo('a', [undefined, callback])).toEqual(plain);
    expect(readDo('a', [{ timeout: 5 }, callback])).toMatchObject({ ok: true, config: { timeoutMs: 5 }, callback });
    expect(readDo('a', [callback, undefined])).toMatchObject({ ok: true });
  });

  it('is refused without a callback, by the name of the step', () => {
    expect(readDo('pay', [])).toEqual(refused('Step "pay": step.do needs a function to call, got undefined'));
    expect(readDo('pay', [{}])).toEqual(refused('Step "pay": step.do needs a function to call, got undefined'));
    expect(readDo('pay', [{}, 'text'])).toEqual(refused('got "text"'));
  });

  it('is refused with a config that is none', () => {
    expect(readDo('pay', [{ timeout: 'banana' }, callback])).toEqual(refused('Step "pay": timeout: "banana"'));
    expect(readDo('pay', [null, callback])).toEqual(refused('Step "pay": config must be an object, got null'));
  });

  it('is refused with a timeout beyond what a callback may have here, by more than a minute', () => {
    expect(readDo('pay', [{ timeout: '15 minutes' }, callback], 840_000)).toMatchObject({ ok: true });
    expect(readDo('pay', [{ timeout: 900_001 }, callback], 840_000)).toEqual(
      refused('Step "pay": timeout is longer than the limit of 14 minutes for one attempt'),
    );
    expect(readDo('pay', [{ timeout: '1 year' }, callback])).toMatchObject({ ok: true });
  });

  it('takes a rollback handler with a config of its own, and pins both configs then', () => {
    const rollback = () => 2;
    const plain = readDo('pay', [callback, { rollback }]);
    expect(plain).toMatchObject({ ok: true, callback, undo: { handler: rollback, delay: undefined } });
    expect(plain).toMatchObject({ config: { ...DEFAULT_STEP_CONFIG, rollback: DEFAULT_STEP_CONFIG } });
    const rollbackConfig = { timeout: 9, retries: { limit: 2, delay: callback } };
    expect(readDo('pay', [{ timeout: 5 }, callback, { rollback, rollbackConfig }])).toMatchObject({
      config: { timeoutMs: 5, rollback: { timeoutMs: 9, retries: { limit: 2, delayMs: null } } },
      undo: { handler: rollback, delay: callback },
    });
  });

  it('is refused with options behind the callback that are none', () => {
    const rollback = callback;
    expect(readDo('pay', [callback, 'undo'])).toEqual(refused('Step "pay": the options behind the function are'));
    expect(readDo('pay', [callback, {}])).toEqual(refused('rollback must be a function, got undefined'));
    expect(readDo('pay', [{}, callback, { rollback, undo: 1 }])).toEqual(refused('step.do has no option "undo"'));
    const rollbackConfig = { sensitive: 'output' };
    expect(readDo('pay', [callback, { rollback, rollbackConfig }])).toEqual(
      refused('rollbackConfig has no field "sensitive"'),
    );
    expect(readDo('pay', [callback, { rollback, rollbackConfig: { timeout: '1 hour' } }], 840_000)).toEqual(
      refused('timeout is longer than the limit of 14 minutes'),
    );
  });
});

describe('a delay that is a function', () => {
  it('is kept beside the config, which says that there is one', () => {
    const delay = () => 5;
    expect(readDo('pay', [{ retries: { limit: 1, delay } }, callback])).toMatchObject({
      ok: true,
      config: { retries: { limit: 1, delayMs: null, backoff: 'exponential' } },
      delay,
    });
  });

  it('answers with a duration, or is told what one is', () => {
    expect(readDelay('pay', '2 seconds')).toEqual({ ok: true, ms: 2_000 });
    expect(readDelay('pay', undefined)).toEqual(refused('Step "pay": retries.delay answered: undefined is not'));
  });
});

describe('ctx.defer', () => {
  it('takes a timeout of its own, or none', () => {
    expect(readDefer('ask', { timeout: '366 days' })).toEqual({ ok: true, timeoutMs: MAX_WAIT_MS });
    expect(readDefer('ask', { timeout: 1 })).toEqual({ ok: true, timeoutMs: 1 });
    for (const options of [undefined, {}, { timeout: undefined }]) {
      expect(readDefer('ask', options)).toEqual({ ok: true, timeoutMs: undefined });
    }
  });

  it.each([
    [{ timeout: 'banana' }, 'defer(): timeout: "banana" is not a duration'],
    [{ timeout: null }, 'defer(): timeout: null is not a duration'],
    [{ timeout: -1 }, 'defer(): timeout: -1 is not a duration'],
    [{ timeout: '367 days' }, 'defer(): timeout: "367 days" is longer than the limit of 366 days'],
    [{ timeout: 0 }, 'defer(): timeout must be longer than 0'],
    [{ timeout: 1, until: 2 }, 'defer() has no option "until"'],
    ['1 hour', 'defer() takes { timeout? }, got "1 hour"'],
    [null, 'defer() takes { timeout? }, got null'],
    [[], 'defer() takes { timeout? }, got a value of type object'],
  ])('is refused with %j, by the name of the step', (options, problem) => {
    expect(readDefer('ask', options)).toEqual(refused(`Step "ask": ${problem}`));
  });
});

describe('step.sleep', () => {
  it('takes a duration', () => {
    expect(readSleep('n', '1 day')).toEqual({ ok: true, ms: DAY_MS });
  });

  it('is refused with another thing, by step and value', () => {
    expect(readSleep('n', 'banana')).toEqual(refused('Step "n": "banana" is not a duration'));
  });
});

describe('step.sleepUntil', () => {
  it('takes a Date or epoch milliseconds, in the past too', () => {
    expect(readSleepUntil('n', new Date(5_000), 9_000)).toEqual({ ok: true, until: 5_000 });
    expect(readSleepUntil('n', 5_000.5, 0)).toEqual({ ok: true, until: 5_001 });
    expect(readSleepUntil('n', MAX_WAIT_MS + 7, 7)).toEqual({ ok: true, until: MAX_WAIT_MS + 7 });
  });

  it.each([new Date(Number.NaN), Number.NaN, Number.POSITIVE_INFINITY, '2026-01-01', undefined, null])(
    'is refused with %s',
    (moment) => {
      expect(readSleepUntil('n', moment, 0)).toEqual(refused('is not a moment: give a Date or epoch milliseconds'));
    },
  );

  it('is refused further away than 366 days', () => {
    expect(readSleepUntil('n', MAX_WAIT_MS + 8, 7)).toEqual(refused('Step "n": the moment is further away'));
  });
});

describe('step.waitForEvent', () => {
  it('takes a type, and waits a day unless a timeout says otherwise', () => {
    expect(readWaitForEvent('w', { type: 'go' })).toEqual({ ok: true, eventType: 'go', timeoutMs: DAY_MS });
    expect(readWaitForEvent('w', { type: 'go', timeout: '5 seconds' })).toMatchObject({ timeoutMs: 5_000 });
  });

  it.each([
    [undefined, 'step.waitForEvent needs { type, timeout? }, got undefined'],
    [null, 'got null'],
    ['go', 'got "go"'],
    [{}, 'type must match'],
    [{ type: 5 }, 'type must match'],
    [{ type: 'no way' }, 'got "no way"'],
    [{ type: 'go', timeOut: 5 }, 'step.waitForEvent has no option "timeOut"'],
    [{ type: 'go', timeout: 'banana' }, 'timeout: "banana" is not a duration'],
    [{ type: 'go', timeout: '400 days' }, 'limit of 366 days'],
  ])('is refused with %j', (options, problem) => {
    expect(readWaitForEvent('w', options)).toEqual(refused(problem));
    expect(readWaitForEvent('w', options)).toEqual(refused('Step "w": '));
  });
});

describe('the name of a step', () => {
  it.each(BAD_NAMES)('is not %j, whatever the call', (name) => {
    const problem = refused("a step's name is a text of 1 to 256 characters");
    expect(readDo(name, [callback])).toEqual(problem);
    expect(readSleep(name, 5)).toEqual(problem);
    expect(readSleepUntil(name, 5, 0)).toEqual(problem);
    expect(readWaitForEvent(name, { type: 'go' })).toEqual(problem);
  });
});

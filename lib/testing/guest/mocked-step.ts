import { DEFAULT_STEP_CONFIG } from '../../core/replay/retries.ts';
import { decode } from '../../guest/values.ts';
import { type AttemptMock, type Chosen, type Mocks, NEVER_SENT, type StepSelector } from './mocks.ts';

type Callback = (context: { readonly attempt: number }) => unknown;

/** The `step` of the engine, as far as this has to do with it. */
export interface Step {
  do(name: unknown, ...args: unknown[]): Promise<unknown>;
  sleep(name: unknown, duration: unknown): Promise<unknown>;
  sleepUntil(name: unknown, moment: unknown): Promise<unknown>;
  waitForEvent(name: unknown, options: unknown): Promise<unknown>;
}

/**
 * A `step` whose calls go to the engine's own with other arguments: another callback, a shorter sleep, an event that nobody
 * sends. Whatever comes of it (attempts, retries, timeouts, records) is the engine's doing.
 */
export const mockedStep = (step: Step, mocks: Mocks): Step => {
  const counts = new Map<string, number>();
  const count = (kind: string, name: unknown): number => {
    const counter = `${kind}:${name}`;
    const next = (counts.get(counter) ?? 0) + 1;
    counts.set(counter, next);
    return next;
  };
  return Object.freeze({
    ...step,
    do(name: unknown, ...args: unknown[]) {
      const index = count('do', name);
      const mocked = mocks.attempts.filter(({ step }) => isMeant(step, name, index));
      const isUndelayed = isChosen(mocks.retryDelaysDisabled, name, index);
      return step.do(name, ...withCallback(isUndelayed ? withoutDelay(args) : args, mocked));
    },
    sleep(name: unknown, duration: unknown) {
      return step.sleep(name, isChosen(mocks.sleepsDisabled, name, count('sleep', name)) ? 0 : duration);
    },
    sleepUntil(name: unknown, moment: unknown) {
      return step.sleepUntil(name, isChosen(mocks.sleepsDisabled, name, count('sleep', name)) ? 0 : moment);
    },
    waitForEvent(name: unknown, options: unknown) {
      const isTimedOut = isChosen(mocks.eventsTimedOut, name, count('event', name));
      const isReplaceable = isTimedOut && typeof options === 'object' && options !== null;
      return step.waitForEvent(name, isReplaceable ? { ...options, type: NEVER_SENT } : options);
    },
  });
};

const withCallback = (args: readonly unknown[], mocks: readonly AttemptMock[]): readonly unknown[] => {
  const at = args.findIndex((argument) => typeof argument === 'function');
  if (at < 0 || mocks.length === 0) return args;
  const real = args[at] as Callback;
  return args.with(at, (context: { readonly attempt: number }) => {
    const mock = mockFor(context.attempt, mocks);
    return mock === undefined ? real(context) : play(mock);
  });
};

/** Failures take their attempts one after the other, whatever has failed by itself before; a result is for all the others. */
const mockFor = (attempt: number, mocks: readonly AttemptMock[]): AttemptMock | undefined => {
  let upTo = 0;
  for (const mock of mocks) {
    if (mock.kind === 'result') continue;
    upTo += mock.times ?? Number.POSITIVE_INFINITY;
    if (attempt <= upTo) return mock;
  }
  return mocks.findLast(({ kind }) => kind === 'result');
};

const play = (mock: AttemptMock): unknown => {
  switch (mock.kind) {
    case 'result':
      return decode(mock.value);
    case 'timeout':
      // Never settled: with nothing else to do, time goes on to where the engine gives the attempt up.
      return new Promise(() => {});
    case 'error':
      throw Object.assign(new Error(mock.message), { name: mock.name });
  }
};

const withoutDelay = (args: readonly unknown[]): readonly unknown[] => {
  const hasConfig = typeof args[0] !== 'function';
  const config = (hasConfig ? args[0] : undefined) as { readonly retries?: object } | undefined;
  const retries = { limit: DEFAULT_STEP_CONFIG.retries.limit, ...config?.retries, delay: 0 };
  return [{ ...config, retries }, ...(hasConfig ? args.slice(1) : args)];
};

const isChosen = (chosen: Chosen, name: unknown, index: number): boolean =>
  chosen === 'all' || chosen.some((selector) => isMeant(selector, name, index));

const isMeant = (selector: StepSelector, name: unknown, index: number): boolean =>
  selector.name === name && (selector.index === undefined || selector.index === index);

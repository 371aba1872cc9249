import type { JournalRecord } from '../core/records.ts';
import type { Executor, GuestListener } from '../ports/executor.ts';
import type { GuestMessage, TurnStart } from '../ports/turn-messages.ts';
import type { Mocks, TestStart } from './guest/mocks.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Params {
  readonly clock: VirtualClock;
  readonly mocksOf: (start: TurnStart) => Mocks;
}

/** The executor with a word to each guest about its test, and with an ear for how far a guest's time has gone on. */
export const testExecutor = (executor: Executor, { clock, mocksOf }: Params): Executor => ({
  start(options, start, listener) {
    if (start.kind !== 'start_turn') return executor.start(options, start, listener);
    const test: TestStart = { now: clock.now(), mocks: mocksOf(start) };
    const started = { ...start, test };
    return executor.start(options, started, followed(listener, clock));
  },
  inspect: (bundle, tenant) => executor.inspect(bundle, tenant),
  close: () => executor.close(),
});

const followed = (listener: GuestListener, clock: VirtualClock): GuestListener => ({
  onMessage: (message) => {
    if ('records' in message) clock.goOnTo(latestOf(message.records));
    // No turn is held for a wait that is soon over: when it is over is for the test to say.
    listener.onMessage(message.kind === 'blocked' ? { ...message, isHolding: false } : message);
  },
  onTerminated: (termination) => listener.onTerminated(termination),
});

const latestOf = (records: Extract<GuestMessage, { kind: 'records' }>['records']): number =>
  records.reduce((latest, { at }: JournalRecord) => Math.max(latest, at), 0);

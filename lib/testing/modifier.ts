import { encodeValue } from '../bindings/values.ts';
import { type AttemptMock, type Chosen, type Mocks, NEVER_SENT, NO_MOCKS, type StepSelector } from './guest/mocks.ts';

export type { StepSelector } from './guest/mocks.ts';

export interface MockedEvent {
  readonly type: string;
  readonly payload?: unknown;
}

/** What shall go otherwise than the code has it. Steps are meant by their names. */
export interface WorkflowModifier {
  /** Sleeps end at once, in virtual time too. @param steps @default all of them */
  disableSleeps(steps?: readonly StepSelector[]): Promise<void>;
  /** Failed attempts are tried again at once, in virtual time too. @param steps @default all of them */
  disableRetryDelays(steps?: readonly StepSelector[]): Promise<void>;
  /** The callback is not called; its result is this. @throws TypeError for a value that no step could return */
  mockStepResult(step: StepSelector, value: unknown): Promise<void>;
  /** Attempts fail with this error, through the step's own retries. @param times the first so many. @default all */
  mockStepError(step: StepSelector, error: Error, times?: number): Promise<void>;
  /** Attempts last until their timeout. @param times the first so many. @default all */
  forceStepTimeout(step: StepSelector, times?: number): Promise<void>;
  /** Sent as soon as the instance is there: the first wait for that type gets it. */
  mockEvent(event: MockedEvent): Promise<void>;
  /** The wait ends at its timeout, whatever is sent. */
  forceEventTimeout(step: StepSelector): Promise<void>;
}

/** Gathers what a test says before it creates an instance. */
export class GatheredMocks implements WorkflowModifier {
  #mocks: Mocks;
  readonly #events: MockedEvent[];

  constructor(before?: GatheredMocks) {
    this.#mocks = before?.mocks ?? NO_MOCKS;
    this.#events = [...(before?.events ?? [])];
  }

  get mocks(): Mocks {
    return this.#mocks;
  }

  get events(): readonly MockedEvent[] {
    return this.#events;
  }

  async disableSleeps(steps?: readonly StepSelector[]): Promise<void> {
    this.#mocks = { ...this.#mocks, sleepsDisabled: also(this.#mocks.sleepsDisabled, steps) };
  }

  async disableRetryDelays(steps?: readonly StepSelector[]): Promise<void> {
    this.#mocks = { ...this.#mocks, retryDelaysDisabled: also(this.#mocks.retryDelaysDisabled, steps) };
  }

  async mockStepResult(step: StepSelector, value: unknown): Promise<void> {
    this.#add({ kind: 'result', step, value: encodeValue(value) });
  }

  async mockStepError(step: StepSelector, { name, message }: Error, times?: number): Promise<void> {
    this.#add({ kind: 'error', step, name, message, ...timesOf(times) });
  }

  async forceStepTimeout(step: StepSelector, times?: number): Promise<void> {
    this.#add({ kind: 'timeout', step, ...timesOf(times) });
  }

  async mockEvent(event: MockedEvent): Promise<void> {
    if (event.type === NEVER_SENT) throw new TypeError(`No event of type ${NEVER_SENT} can be sent`);
    this.#events.push(event);
  }

  async forceEventTimeout(step: StepSelector): Promise<void> {
    this.#mocks = { ...this.#mocks, eventsTimedOut: [...this.#mocks.eventsTimedOut, step] };
  }

  #add(mock: AttemptMock): void {
    this.#mocks = { ...this.#mocks, attempts: [...this.#mocks.attempts, mock] };
  }
}

const also = (chosen: Chosen, steps: readonly StepSelector[] | undefined): Chosen =>
  steps === undefined || chosen === 'all' ? 'all' : [...chosen, ...steps];

const timesOf = (times: number | undefined): { readonly times?: number } => {
  if (times === undefined) return {};
  if (!Number.isSafeInteger(times) || times < 1) throw new TypeError(`times is a whole number from 1, not ${times}`);
  return { times };
};

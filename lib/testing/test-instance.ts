import { decodeValue, encodeValue } from '../bindings/values.ts';
import { isFinal, type Status, type StepOutcome, type StoredValue } from '../core/records.ts';
import { controlInstance } from '../service/control-instance.ts';
import { type InstanceDetail, readInstance } from '../service/read-instance.ts';
import { sendEvent } from '../service/send-event.ts';
import { loadValue } from '../service/stored-values.ts';
import type { GatheredMocks, MockedEvent, StepSelector, WorkflowModifier } from './modifier.ts';
import { TENANT, type TestService } from './test-service.ts';

/** Where an instance can be when every turn has ended. */
export type RestingStatus = 'waiting' | 'paused' | 'complete' | 'errored' | 'terminated';

export interface StepError {
  readonly name: string;
  readonly message: string;
}

/** An instance under test. Each method that waits lets virtual time go on until it has what it waits for. */
export class TestInstance implements AsyncDisposable {
  readonly id: string;
  readonly #service: TestService;
  readonly #workflow: string;
  readonly #onDispose: () => void;
  readonly mocks: GatheredMocks;

  constructor(params: {
    readonly service: TestService;
    readonly workflow: string;
    readonly id: string;
    readonly mocks: GatheredMocks;
    readonly onDispose: () => void;
  }) {
    this.id = params.id;
    this.mocks = params.mocks;
    this.#service = params.service;
    this.#workflow = params.workflow;
    this.#onDispose = params.onDispose;
  }

  /** Before the instance is created. @throws Error where it is there already */
  async modify(change: (modifier: WorkflowModifier) => Promise<void> | void): Promise<void> {
    if ((await this.#service.deps.instances.get(this.#key)) !== undefined) {
      throw new Error(`The instance ${this.id} has begun: it is modified before it is created`);
    }
    await change(this.mocks);
  }

  async sendEvent({ type, payload }: MockedEvent): Promise<void> {
    const encoded = payload === undefined ? {} : { payload: encodeValue(payload) };
    await sendEvent(this.#service.deps, { key: this.#key, eventType: type, ...encoded });
  }

  async pause(): Promise<void> {
    await this.#control('pause');
  }

  async resume(): Promise<void> {
    await this.#control('resume');
  }

  async terminate(): Promise<void> {
    await this.#service.time.rest();
    await controlInstance(this.#service.deps, { key: this.#key, action: { kind: 'terminate', rollback: false } });
  }

  /** Where it is when everything is at rest; no time goes by. */
  async status(): Promise<Status> {
    await this.#service.time.rest();
    return (await this.#read()).summary.status;
  }

  /** @throws Error as soon as it has ended otherwise, or rests where only the test can move it */
  async waitForStatus(status: RestingStatus): Promise<void> {
    await this.#service.time.until(
      async () => {
        const { summary } = await this.#read();
        if (summary.status === status) return { found: undefined };
        if (isFinal(summary.status)) throw this.#ended(`cannot be ${status}`, summary);
        return undefined;
      },
      async () => this.#stuck(`cannot become ${status}`, await this.#read()),
    );
  }

  /** What a `step.do` gave. @throws the step's own error, or Error where the instance ends without such a step */
  async waitForStepResult<T = unknown>({ name, index = 1 }: StepSelector): Promise<T> {
    const step = `step ${JSON.stringify(name)}${index === 1 ? '' : ` no. ${index}`}`;
    return this.#service.time.until<T>(
      async () => {
        const settled = await this.#settlement(name, index);
        if (settled?.ok === false) throw Object.assign(new Error(settled.error.message), { name: settled.error.name });
        if (settled?.ok) return { found: (await this.#decode(settled.value)) as T };
        const detail = await this.#read();
        if (isFinal(detail.summary.status))
          throw this.#ended(`has no result of ${step}: ${stepsOf(detail)}`, detail.summary);
        return undefined;
      },
      async () => this.#stuck(`has no result of ${step}`, await this.#read()),
    );
  }

  /** What `run()` returned. @throws Error where it ends otherwise */
  async getOutput<T = unknown>(): Promise<T> {
    await this.waitForStatus('complete');
    const { output } = (await this.#read()).summary;
    return (output === undefined ? undefined : await this.#decode(output)) as T;
  }

  /** What the instance failed with. @throws Error where it ends otherwise */
  async getError(): Promise<StepError> {
    await this.waitForStatus('errored');
    const { name = 'Error', message = '' } = (await this.#read()).summary.error ?? {};
    return { name, message };
  }

  /** Ends it, where it has not ended, and forgets its mocks. */
  async dispose(): Promise<void> {
    const summary = await this.#service.deps.instances.get(this.#key);
    if (summary !== undefined && !isFinal(await this.status())) await this.terminate();
    this.#onDispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  get #key() {
    return { tenant: TENANT, workflow: this.#workflow, id: this.id };
  }

  async #control(kind: 'pause' | 'resume'): Promise<void> {
    await this.#service.time.rest();
    await controlInstance(this.#service.deps, { key: this.#key, action: { kind } });
    await this.#service.time.rest();
  }

  #read(): Promise<InstanceDetail> {
    return readInstance(this.#service.deps, { key: this.#key });
  }

  /** By its own attempt, or by what came from outside for a deferred result. */
  async #settlement(name: string, index: number): Promise<StepOutcome | undefined> {
    const { summary } = await this.#read();
    const received = new Map<number, StepOutcome>();
    for (const record of await this.#service.deps.instances.readJournal({
      key: this.#key,
      incarnation: summary.incarnation,
    })) {
      if (record.kind === 'completion_received') received.set(record.seq, record.outcome);
      if (record.kind !== 'step_settled' && record.kind !== 'completion_consumed') continue;
      const { kind, name: of, count } = record.step;
      if (kind !== 'do' || of !== name || count !== index) continue;
      const outcome = record.kind === 'step_settled' ? record.outcome : received.get(record.seq);
      // One that is an error ends the attempt only: the step may be tried again.
      if (record.kind === 'step_settled' || outcome?.ok) return outcome;
    }
    return undefined;
  }

  async #decode(value: StoredValue): Promise<unknown> {
    return decodeValue(await loadValue(this.#service.deps.blobs, value));
  }

  #ended(what: string, { status, error }: InstanceDetail['summary']): Error {
    const why = error === undefined ? '' : ` with ${error.name}: ${error.message}`;
    return new Error(`The instance ${this.id} ${what}; it has ended at ${status}${why}`);
  }

  #stuck(what: string, { summary }: InstanceDetail): Error {
    const waits = summary.waitingFor.map(({ kind, name }) => `${kind} ${JSON.stringify(name)}`).join(', ');
    const whereto = waits === '' ? '' : `, waiting for ${waits}`;
    return new Error(`The instance ${this.id} ${what} by itself: it is ${summary.status}${whereto}`);
  }
}

const stepsOf = ({ steps }: InstanceDetail): string =>
  steps.length === 0 ? 'it had no steps' : `its steps were ${steps.map(({ name }) => JSON.stringify(name)).join(', ')}`;

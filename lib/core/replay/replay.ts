import type { JournalRecord, Settlement, StepConfig, StepKey, StepKind, StoredValue } from '../records.ts';
import { isSettlement, stepKeyText } from '../records.ts';
import { type BufferedEvent, divergenceText, effectText, JournalState } from './journal-state.ts';
import type { StepState } from './step-state.ts';
import { hasRoom, storedBytes } from './stored-bytes.ts';

export interface ReplayLimits {
  readonly steps: number;
  readonly records: number;
  /** Bytes that an instance may store. @default `MAX_INSTANCE_STORAGE_BYTES` */
  readonly storedBytes?: number;
}

/** A record as the guest has it; `isValueApart`: its value must be asked for by position. */
export interface LoadedRecord {
  readonly position: number;
  readonly record: JournalRecord;
  readonly isValueApart?: boolean;
}

/** A step call of `run()`, known by the promise that it holds. */
export interface StepCall {
  readonly key: StepKey;
  readonly ordinal: number;
  /** The config as the code has it now; the recorded one wins. */
  readonly config: StepConfig | undefined;
  /** `value`: the encoded result; `event`: what an `event_consumed` took. */
  readonly settle: (settlement: Settlement, value: string | undefined, event: BufferedEvent | undefined) => void;
}

interface Queued {
  readonly record: Settlement;
  /** Where the value stands: with the settlement itself, or with what it consumed. */
  readonly position: number;
  readonly isValueApart: boolean;
  /** The event or the completion that it consumed. */
  readonly received: JournalRecord | undefined;
}

export type Delivery =
  | {
      readonly kind: 'deliver';
      readonly call: StepCall;
      readonly record: Settlement;
      readonly value: string | undefined;
      readonly event: BufferedEvent | undefined;
    }
  | { readonly kind: 'need_value'; readonly position: number }
  | { readonly kind: 'need_segment' }
  /** The next settlement in order belongs to a step that `run()` has not called (yet). */
  | { readonly kind: 'not_called'; readonly key: StepKey }
  | { readonly kind: 'none' };

/** Where a recorded step and the code part ways. */
export interface Divergence {
  /** The recorded step. */
  readonly key: StepKey;
  /** Both as a person would write them. */
  readonly expected: string;
  readonly got: string;
}

/**
 * The guest's side of the journal. Three rules make a replay equal to what happened (E4):
 *  1. settlements reach `run()` one at a time in journal order, live ones too, by the same queue;
 *  2. nothing new starts before every recorded settlement has been delivered;
 *  3. whatever the guest decides becomes a record here first, and is acted on from the record.
 */
export class Replay {
  readonly state = new JournalState();
  readonly limits: ReplayLimits;
  /** Settlements delivered so far: with the seed, what the random stream depends on. */
  delivered = 0;
  /** The time that `run()` sees: that of the last settlement delivered, or of the start. */
  nowInRun = 0;
  hasMore: boolean;
  /** Events and completions that nothing has consumed, by number. */
  readonly #received = new Map<number, LoadedRecord>();
  readonly #calls = new Map<string, StepCall>();
  readonly #callsByOrdinal: StepCall[] = [];
  readonly #counts = new Map<string, number>();
  #doCalls = 0;
  #queue: Queued[] = [];
  #head = 0;
  /** Settlements that were passed over since their step had not been called. */
  readonly #passedOver = new Map<string, Queued>();
  /** Of steps with a rollback handler, by key. */
  readonly #outcomes = new Map<string, Queued>();
  #recorded = 0;
  /** Settlements that stood in the journal when the turn began. */
  #loaded = 0;
  /** Called while older settlements were still to be delivered: begun when the replay has caught up. */
  #waiting: StepCall[] = [];
  #gathered: JournalRecord[] = [];
  readonly #tellsAgain: boolean;
  #checkedOrdinals = 0;

  constructor(params: {
    readonly limits: ReplayLimits;
    readonly hasMore: boolean;
    /** Divergences that the journal tells of are told once more. */
    readonly tellsAgain?: boolean;
  }) {
    this.limits = params.limits;
    this.hasMore = params.hasMore;
    this.#tellsAgain = params.tellsAgain === true;
  }

  load(records: readonly LoadedRecord[], hasMore: boolean): void {
    this.hasMore = hasMore;
    for (const loaded of records) {
      this.note(loaded);
      if (!isDelivered(loaded.record)) continue;
      this.#enqueue(loaded.record, loaded.position, loaded.isValueApart === true);
      this.#recorded += 1;
      this.#loaded += 1;
    }
  }

  /** Records of the dispatcher's that came in beside the turn: they are in the journal already. */
  note(loaded: LoadedRecord): void {
    const { record } = loaded;
    if (record.kind === 'event_received' || record.kind === 'completion_received') {
      this.#received.set(record.seq, loaded);
    }
    this.state.apply(record);
  }

  #enqueue(record: Settlement, position: number, isValueApart: boolean): void {
    const queued = this.#withReceived(record, position, isValueApart);
    this.#queue.push(queued);
    const hasHandler = this.state.stepOf(record.step)?.config?.rollback !== undefined;
    if (hasHandler) this.#outcomes.set(stepKeyText(record.step), queued);
  }

  #withReceived(record: Settlement, position: number, isValueApart: boolean): Queued {
    if (record.kind !== 'event_consumed' && record.kind !== 'completion_consumed') {
      return { record, position, isValueApart, received: undefined };
    }
    const received = this.#received.get(record.seq);
    this.#received.delete(record.seq);
    return {
      record,
      position: received?.position ?? position,
      isValueApart: received?.isValueApart === true,
      received: received?.record,
    };
  }

  /** What the rollback handler of a step is given; `undefined`: the step has not been settled. */
  outcomeOf(
    key: StepKey,
  ): { readonly position: number; readonly isApart: boolean; readonly value: string | undefined } | undefined {
    const queued = this.#outcomes.get(stepKeyText(key));
    return queued && { position: queued.position, isApart: queued.isValueApart, value: inlineValueOf(queued) };
  }

  /** Every recorded settlement has been delivered: what happens now is new. */
  get isLive(): boolean {
    return !this.hasMore && this.#head >= this.#recorded;
  }

  /** `run()` has been given something that no turn before this one has given it. */
  get isBeyondJournal(): boolean {
    return this.isLive && this.delivered > this.#loaded;
  }

  get isFull(): boolean {
    return this.state.position - this.state.logRecords >= this.limits.records;
  }

  /** Counts the call; `undefined` key parts were checked by the caller. */
  call(kind: StepKind, name: string, config: StepConfig | undefined, settle: StepCall['settle']): StepCall {
    const counter = `${kind}:${name}`;
    const count = (this.#counts.get(counter) ?? 0) + 1;
    this.#counts.set(counter, count);
    if (kind === 'do') this.#doCalls += 1;
    const key: StepKey = { kind, name, count };
    const { state } = this;
    const order = this.#callsByOrdinal.length + 1;
    const call: StepCall = {
      key,
      // Where the code has changed, a step may be called in another place: its records keep the ordinal they began with.
      get ordinal() {
        return state.stepOf(key)?.ordinal ?? order;
      },
      config,
      settle,
    };
    this.#callsByOrdinal.push(call);
    this.#calls.set(stepKeyText(call.key), call);
    const held = this.#passedOver.get(stepKeyText(call.key));
    if (held !== undefined) {
      this.#passedOver.delete(stepKeyText(call.key));
      this.#queue.splice(this.#head, 0, held);
      this.#recorded += 1;
    }
    return call;
  }

  /** Whether a result fits into what the instance may store, in its encoded form. */
  hasRoomFor(value: string): boolean {
    return hasRoom(this.state, this.limits, storedBytes(value));
  }

  get isOverStepLimit(): boolean {
    return this.#doCalls > this.limits.steps;
  }

  /** The call is valid: it may begin as soon as the replay has caught up. */
  enlist(call: StepCall): void {
    this.#waiting.push(call);
  }

  /** Calls that may begin now, in the order in which they were made. */
  takeStartable(): StepCall[] {
    if (!this.isLive || this.#waiting.length === 0) return [];
    const calls = this.#waiting;
    this.#waiting = [];
    return calls;
  }

  /** Makes a record part of the journal-to-be; a settlement also joins the queue of deliveries. */
  propose(record: JournalRecord): void {
    const position = this.state.position;
    this.state.apply(record);
    this.#gathered.push(record);
    if (isDelivered(record)) this.#enqueue(record, position, false);
  }

  /** A record's time: the clock, but never before the record that stands in front. */
  stamp(now: number): number {
    return Math.max(now, this.state.lastAt);
  }

  get gathered(): readonly JournalRecord[] {
    return this.#gathered;
  }

  takeGathered(): readonly JournalRecord[] {
    const records = this.#gathered;
    this.#gathered = [];
    return records;
  }

  /** What `run()` gets next, if anything. `values`: texts that were asked for and have come; one is used once. */
  next(values: Map<number, string>): Delivery {
    const queued = this.#queue[this.#head];
    if (queued === undefined) return this.hasMore ? { kind: 'need_segment' } : { kind: 'none' };
    const call = this.#calls.get(stepKeyText(queued.record.step));
    if (call === undefined) return { kind: 'not_called', key: queued.record.step };
    if (queued.isValueApart && !values.has(queued.position)) return { kind: 'need_value', position: queued.position };
    this.#advance();
    this.delivered += 1;
    this.nowInRun = queued.record.at;
    const value = queued.isValueApart ? values.get(queued.position) : inlineValueOf(queued);
    if (queued.isValueApart) values.delete(queued.position);
    const event = queued.received?.kind === 'event_received' ? queued.received : undefined;
    return { kind: 'deliver', call, record: queued.record, value, event };
  }

  #advance(): void {
    this.#head += 1;
    if (this.#head < 1024) return;
    // Let go of what has been delivered: results must not pile up over ten thousand steps.
    this.#queue = this.#queue.slice(this.#head);
    this.#recorded -= this.#head;
    this.#head = 0;
  }

  /** Leaves out the settlement that is next, for a step that the code does not reach any more. */
  passOver(): void {
    const queued = this.#queue[this.#head];
    if (queued === undefined) return;
    this.#passedOver.set(stepKeyText(queued.record.step), queued);
    this.#advance();
  }

  /** Open steps that `run()` has called: the ones that may go on. */
  openSteps(): { readonly step: StepState; readonly call: StepCall }[] {
    const out: { step: StepState; call: StepCall }[] = [];
    for (const step of this.state.open) {
      const call = this.#calls.get(stepKeyText(step.key));
      if (call !== undefined) out.push({ step, call });
    }
    return out;
  }

  /** The first place where a recorded step and the code part ways; each is told once per journal. */
  findDivergence(): Divergence | undefined {
    for (let ordinal = this.#checkedOrdinals + 1; ordinal <= this.#callsByOrdinal.length; ordinal++) {
      const expected = this.state.keysByOrdinal.get(ordinal);
      const got = this.#callsByOrdinal[ordinal - 1]?.key;
      if (expected === undefined && this.hasMore) return undefined;
      this.#checkedOrdinals = ordinal;
      if (expected === undefined || got === undefined || stepKeyText(expected) === stepKeyText(got)) continue;
      return this.#unlessTold(expected, showKey(got));
    }
    return undefined;
  }

  /** A recorded step that is not called although everything before it has been delivered. */
  divergenceAt(expected: StepKey, got: string): Divergence | undefined {
    const ordinal = this.state.stepOf(expected)?.ordinal ?? 0;
    const inItsPlace = this.#callsByOrdinal[ordinal - 1]?.key;
    return this.#unlessTold(expected, inItsPlace === undefined ? got : showKey(inItsPlace));
  }

  /** A settled step that nobody asked for when `run()` ended. */
  firstUncalled(): StepKey | undefined {
    for (const queued of this.#queue.slice(this.#head)) {
      if (!this.#calls.has(stepKeyText(queued.record.step))) return queued.record.step;
    }
    return undefined;
  }

  /** Recorded steps that the code has not called; what undoes a step is no call of `run()`. */
  uncalled(): readonly StepKey[] {
    const keys = [...this.state.steps.values()].map(({ key }) => key);
    return keys.filter((key) => key.kind !== 'rollback' && !this.#calls.has(stepKeyText(key)));
  }

  isEffectTold(what: string): boolean {
    return this.state.reported.has(effectText(what));
  }

  #unlessTold(key: StepKey, got: string): Divergence | undefined {
    const expected = showKey(key);
    const isTold = !this.#tellsAgain && this.state.reported.has(divergenceText(expected, got));
    return isTold ? undefined : { key, expected, got };
  }
}

/** What a handler did is for nobody to hear. */
const isDelivered = (record: JournalRecord): record is Settlement =>
  isSettlement(record) && record.step.kind !== 'rollback';

const inlineValueOf = ({ record, received = record }: Queued): string | undefined => {
  const value = valueIn(received);
  return typeof value === 'string' ? value : undefined;
};

const valueIn = (record: JournalRecord): StoredValue | undefined => {
  switch (record.kind) {
    case 'step_settled':
    case 'completion_received':
      return record.outcome.ok ? record.outcome.value : undefined;
    case 'event_received':
      return record.payload;
    default:
      return undefined;
  }
};

const CALLS: Readonly<Record<StepKind, string>> = {
  do: 'step.do',
  sleep: 'step.sleep',
  waitForEvent: 'step.waitForEvent',
  rollback: 'the rollback of step.do',
};

/** A step as a person would write it: `step.do("charge")`, with the count where it is not the first of its name. */
export const showKey = (key: StepKey): string =>
  `${CALLS[key.kind]}(${JSON.stringify(key.name)})${key.count > 1 ? ` no. ${key.count}` : ''}`;

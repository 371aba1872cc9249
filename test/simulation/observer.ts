import { statusOf } from '../../lib/core/decide.ts';
import { isSeenBySweeper, onlyGrew, violationsOf } from '../../lib/core/invariants.ts';
import { type FinalStatus, isFinal, type JournalRecord, type RecordOf, type StepKey } from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import type {
  AcceptParams,
  AcceptResult,
  AppendParams,
  AppendResult,
  ClaimResult,
  InstanceKey,
  NewInstance,
  Summary,
} from '../../lib/ports/instance-store.ts';
import type { SlotScope } from '../../lib/ports/slot-store.ts';
import { hashToken } from '../../lib/service/deferred-token.ts';
import type { MemoryInstanceStore } from './memory-instance-store.ts';
import type { MemorySlotStore } from './memory-slot-store.ts';

/** One life of an instance as an outsider saw it: what was durable, when, and what came of it. */
export interface Life {
  readonly key: InstanceKey;
  readonly incarnation: string;
  readonly version: string;
  readonly records: JournalRecord[];
  /** Each record as text when it became durable. */
  readonly texts: string[];
  readonly state: JournalState;
  /** Accepted events by number. `storedAt`: when they became durable, which is later than what they bear. */
  readonly events: Map<number, { readonly id: string; readonly type: string; readonly storedAt: number }>;
  readonly consumed: Set<number>;
  /** When the first completion by a token became durable, by the token's hash. */
  readonly completions: Map<string, number>;
  /** Effects by step and attempt. */
  readonly effects: { readonly step: string; readonly attempt: number }[];
  /** Turns that ended so that another one goes on. */
  yields: number;
  final: FinalStatus | undefined;
  isOver: boolean;
}

/** The token of a deferred result, as somebody outside was told it. */
export interface HandedToken {
  readonly token: string;
  readonly step: string;
}

/** Who makes a callback run or an effect happen. */
export interface Actor {
  readonly key: InstanceKey;
  readonly incarnation: string;
  /** Of the lease. */
  readonly owner: string;
  /** Whose process it is. */
  readonly host: string;
}

export const nameOf = ({ tenant, workflow, id }: InstanceKey): string => `${tenant}/${workflow}/${id}`;

/** Watches the store from behind, holds every predicate at every write, and says what was broken first. */
export class Observer {
  readonly lives = new Map<string, Life>();
  /** The rows as they are now. */
  readonly rows = new Map<string, Summary>();
  readonly #listeners = new Map<string, (handed: HandedToken) => void>();
  readonly #store: MemoryInstanceStore;
  readonly #slots: MemorySlotStore;
  readonly #limitOf: (scope: SlotScope) => number | undefined;
  readonly #now: () => number;
  readonly #problems: string[] = [];
  /** By incarnation: the host that first appended. A lease that was handed on may have been taken up twice: it is that one's. */
  readonly #firstWriters = new Map<string, string>();
  /** Restarts from a step, and ends that are asked for and undo first: they cut off what was under way. */
  #cutOffs = 0;

  constructor(params: {
    readonly store: MemoryInstanceStore;
    readonly slots: MemorySlotStore;
    readonly limitOf: (scope: SlotScope) => number | undefined;
    readonly now: () => number;
  }) {
    this.#store = params.store;
    this.#slots = params.slots;
    this.#limitOf = params.limitOf;
    this.#now = params.now;
  }

  get problem(): string | undefined {
    return this.#problems[0];
  }

  report(problem: string): void {
    this.#problems.push(problem);
  }

  lifeOf(incarnation: string): Life {
    const life = this.lives.get(incarnation);
    if (life === undefined) throw new Error(`No life ${incarnation}`);
    return life;
  }

  // --- what the store did ---

  async onStoreCall(method: string, params: unknown, result: unknown, host: string): Promise<void> {
    switch (method) {
      case 'create':
        if (result === 'created') await this.#onCreate(params as NewInstance);
        return;
      case 'append':
        if ((result as AppendResult).kind !== 'conflict') {
          this.#firstWriters.set(
            (params as AppendParams).incarnation,
            this.#firstWriters.get((params as AppendParams).incarnation) ?? host,
          );
        }
        await this.#onAppend(params as AppendParams, result as AppendResult);
        return;
      case 'accept':
        await this.#onAccept(params as AcceptParams, result as AcceptResult);
        return;
      case 'claim':
        if ((result as ClaimResult).kind === 'claimed') await this.#look((params as { key: InstanceKey }).key);
        return;
      case 'renew':
        await this.#look((params as { key: InstanceKey }).key);
        return;
      case 'readJournal': {
        const { incarnation } = params as { incarnation: string };
        const life = this.lives.get(incarnation);
        if (life !== undefined && !life.isOver) this.#compare(life, result as readonly JournalRecord[]);
        return;
      }
      case 'reincarnate':
        if (result === true) await this.#onReincarnate(params as Parameters<MemoryInstanceStore['reincarnate']>[0]);
        return;
      case 'remove': {
        const name = nameOf(params as InstanceKey);
        const row = this.rows.get(name);
        if (row !== undefined) this.lifeOf(row.incarnation).isOver = true;
        this.rows.delete(name);
        return;
      }
      case 'releaseAllLeases':
        for (const row of [...this.rows.values()]) await this.#look(row);
        return;
    }
  }

  async #onCreate(instance: NewInstance): Promise<void> {
    this.#begin(instance, instance.incarnation, instance.version, []);
    await this.#look(instance);
  }

  async #onReincarnate(params: Parameters<MemoryInstanceStore['reincarnate']>[0]): Promise<void> {
    this.lifeOf(params.expected).isOver = true;
    if (params.records.length > 0) this.#cutOffs += 1;
    this.#begin(params.key, params.incarnation, params.version, params.records);
    await this.#look(params.key);
  }

  #begin(key: InstanceKey, incarnation: string, version: string, records: readonly JournalRecord[]): void {
    const { tenant, workflow, id } = key;
    const life: Life = {
      key: { tenant, workflow, id },
      incarnation,
      version,
      records: [],
      texts: [],
      state: new JournalState(),
      events: new Map(),
      consumed: new Set(),
      completions: new Map(),
      effects: [],
      yields: 0,
      final: undefined,
      isOver: false,
    };
    this.lives.set(incarnation, life);
    this.#extend(life, records);
  }

  #extend(life: Life, records: readonly JournalRecord[]): void {
    for (const record of records) {
      if (record.kind === 'rollback_started' && record.cause === 'terminated') this.#cutOffs += 1;
      if (record.kind === 'event_consumed') life.consumed.add(record.seq);
      if (record.kind === 'wait_timed_out') this.#checkTimeout(life, record);
      if (record.kind === 'attempt_failed' || record.kind === 'step_settled') this.#checkDeferred(life, record);
      life.records.push(record);
      life.texts.push(JSON.stringify(record));
      life.state.apply(record);
      if (record.kind === 'turn_failed' && record.cause === 'protocol_violation') {
        this.report(`a guest that follows the rules was taken for a liar: ${nameOf(life.key)}`);
      }
      if (record.kind === 'diverged') {
        this.report(`E4: ${nameOf(life.key)} diverged: expected ${record.expected}, got ${record.got}`);
      }
    }
  }

  /** An event counts if it was accepted before the deadline: a wait that has one does not time out (E5). */
  #checkTimeout(life: Life, { step: key }: RecordOf<'wait_timed_out'>): void {
    const step = life.state.stepOf(key);
    if (step === undefined) return;
    let inTime = 0;
    for (const [seq, { type, storedAt }] of life.events) {
      if (type === step.eventType && storedAt < step.untilUnmoved && !life.consumed.has(seq)) inTime += 1;
    }
    for (const { phase, eventType, ordinal } of life.state.open) {
      if (phase === 'waiting' && eventType === step.eventType && ordinal < step.ordinal) inTime -= 1;
    }
    if (inTime > 0) this.report(`E5: "${key.name}" of ${nameOf(life.key)} timed out although its event had come`);
  }

  /** A result counts if it was accepted before the deadline: a deferred attempt that has one does not time out (E5). */
  #checkDeferred(life: Life, { step: key }: RecordOf<'attempt_failed' | 'step_settled'>): void {
    const step = life.state.stepOf(key);
    if (step?.phase !== 'deferred') return;
    const { tokenHash = '', completion } = step.openAttempt ?? {};
    if (completion?.outcome.ok === false) return;
    if ((life.completions.get(tokenHash) ?? Number.POSITIVE_INFINITY) < step.untilUnmoved) {
      this.report(`E5: "${key.name}" of ${nameOf(life.key)} timed out although its result had come`);
    }
  }

  async #onAppend(params: AppendParams, result: AppendResult): Promise<void> {
    if (result.kind === 'conflict') return;
    const life = this.lifeOf(params.incarnation);
    if (life.isOver) this.report(`E3: an old incarnation of ${nameOf(life.key)} appended`);
    if (life.records.length !== params.position) this.report(`E3: two appends at ${params.position}`);
    this.#extend(life, params.records);
    for (const { invariant, what } of violationsOf(life.records)) {
      this.report(`${invariant}: ${what} (${nameOf(life.key)})`);
    }
    await this.#look(params.key);
    if (params.release !== undefined && result.kind === 'done') this.#checkRelease(life);
  }

  async #onAccept(params: AcceptParams, result: AcceptResult): Promise<void> {
    if (result.kind !== 'accepted') return;
    const { item } = params;
    if (item.kind === 'event') {
      const event = { id: item.eventId, type: item.eventType, storedAt: this.#now() };
      this.lifeOf(result.incarnation).events.set(result.seq, event);
    } else if (item.kind === 'completion') {
      const { completions } = this.lifeOf(result.incarnation);
      if (!completions.has(item.tokenHash)) completions.set(item.tokenHash, this.#now());
    }
    await this.#look(params.key);
  }

  /** The row after a write: E6, E7, E9. */
  async #look(key: InstanceKey): Promise<void> {
    const row = await this.#store.get(key);
    if (row === undefined) return;
    this.rows.set(nameOf(key), row);
    const life = this.lifeOf(row.incarnation);
    for (const { invariant, what } of isSeenBySweeper(row)) this.report(`${invariant}: ${what} (${nameOf(key)})`);
    if (row.version !== life.version) this.report(`E9: ${nameOf(key)} changed to version ${row.version}`);
    if (life.final !== undefined && row.status !== life.final) {
      this.report(`E7: ${nameOf(key)} was ${life.final} and is ${row.status}`);
    }
    if (isFinal(row.status)) life.final = row.status;
  }

  /** What a release wrote on the row follows from the journal, and nothing that can go on is left asleep (E6, E7). */
  #checkRelease(life: Life): void {
    const row = this.rows.get(nameOf(life.key));
    if (row === undefined || row.incarnation !== life.incarnation) return;
    const { state } = life;
    // A turn that was late may have drawn a ticket for one that goes on: whoever finds it takes it away.
    const isInLine = (row.status === 'queued' || row.status === 'rollingBack') && this.#slots.isInLine(life.key);
    const status = statusOf(state, { isInLine });
    if (row.status !== status) {
      this.report(`E7: ${nameOf(life.key)} is ${row.status}, its journal says ${status}`);
    }
    if (state.final !== undefined || state.isPaused) return;
    if (isInLine) {
      if (row.status === 'queued' && (row.wakeAt ?? Number.POSITIVE_INFINITY) > this.#now() + MAX_WAIT_MS) {
        this.report(`E6: ${nameOf(life.key)} waits in line and does not ask again`);
      }
      return;
    }
    // After a turn that failed the next one is put off a little.
    if (life.records.at(-1)?.kind === 'turn_failed') return;
    const wakeAt = row.wakeAt ?? Number.POSITIVE_INFINITY;
    const taken = new Map<string, number>();
    // A step that began while a short pause came in may stand behind it in the journal, though its guest moved it too.
    const pausedMs = pausedTime(life.records);
    for (const step of state.open) {
      // On the way back nothing else moves.
      if (state.rollback !== undefined && step.key.kind !== 'rollback') continue;
      if (wakeAt > Math.max(step.until + pausedMs, this.#now()))
        this.report(`E6: ${nameOf(life.key)} sleeps beyond "${step.key.name}"`);
      const completion = step.openAttempt?.completion;
      const isSettling = step.phase === 'deferred' && completion !== undefined && completion.acceptedAt <= step.until;
      if (isSettling && wakeAt > state.lastAt + 60_000) {
        this.report(`E6: ${nameOf(life.key)} sleeps although "${step.key.name}" has its result`);
      }
      if (step.phase !== 'waiting') continue;
      const index = taken.get(step.eventType ?? '') ?? 0;
      const event = state.buffered.get(step.eventType ?? '')?.[index];
      if (event === undefined || event.acceptedAt > step.until) continue;
      taken.set(step.eventType ?? '', index + 1);
      if (wakeAt > state.lastAt + 60_000) {
        this.report(`E6: ${nameOf(life.key)} sleeps although "${step.key.name}" has its event`);
      }
    }
  }

  #compare(life: Life, reading: readonly JournalRecord[]): void {
    const isShorter = reading.length < life.texts.length;
    const differs = life.texts.findIndex((text, index) => text !== JSON.stringify(reading[index]));
    if (isShorter || differs >= 0) {
      const [violation] = onlyGrew(life.records, reading);
      this.report(`E3: ${violation?.what ?? `record ${differs} changed`} (${nameOf(life.key)})`);
    }
  }

  // --- what the guests did ---

  /** A turn that has lost its lease may not have noticed yet: what it does reaches nobody. */
  isHolder({ key, incarnation, owner, host }: Actor): boolean {
    const row = this.rows.get(nameOf(key));
    if (row?.incarnation !== incarnation || row.lease?.owner !== owner) return false;
    return owner === host || (this.#firstWriters.get(incarnation) ?? host) === host;
  }

  onCallback(actor: Actor, step: { readonly name: string; readonly count: number }): void {
    const life = this.lives.get(actor.incarnation);
    if (life === undefined || !this.isHolder(actor)) return;
    if (life.state.stepOf({ kind: 'do', ...step })?.phase === 'settled') {
      this.report(`E1: the callback of "${step.name}" was called after it had settled (${nameOf(actor.key)})`);
    }
  }

  /** Where there is a limit, nothing leaves a turn that has no slot. */
  #checkSlots({ key, incarnation }: Actor): void {
    const { tenant, workflow } = key;
    for (const scope of [{ tenant, workflow }, { tenant }]) {
      const limit = this.#limitOf(scope);
      if (limit === undefined) continue;
      const held = this.#slots.held(scope, Math.floor(this.#now()));
      if (!held.includes(incarnation)) this.report(`an effect left a turn of ${nameOf(key)} that has no slot`);
      if (held.length > limit) this.report(`${held.length} turns of ${tenant} are at work where ${limit} may be`);
    }
  }

  /** A call leaves the host. */
  onCallLeaves(actor: Actor, step: { readonly name: string; readonly count: number }, attempt: number): void {
    const life = this.lives.get(actor.incarnation);
    if (step.name.startsWith(UNDO)) return this.#onUndoLeaves(actor, step);
    const recorded = life?.records.some(
      (record) =>
        record.kind === 'attempt_started' &&
        record.step.kind === 'do' &&
        record.step.name === step.name &&
        record.step.count === step.count &&
        record.attempt === attempt,
    );
    if (recorded !== true) {
      this.report(`E2: an effect of "${step.name}", attempt ${attempt}, left before its start was durable`);
      return;
    }
    if (!this.isHolder(actor)) {
      // A control call takes the lease away without a word; another turn only gets one that has run out.
      const row = this.rows.get(nameOf(actor.key));
      if (row?.incarnation === actor.incarnation && !isFinal(row.status)) {
        this.report(`E3: an effect of "${step.name}" left a turn of ${nameOf(actor.key)} that had lost its lease`);
      }
      return;
    }
    this.#checkSlots(actor);
    const state = life?.state.stepOf({ kind: 'do', ...step });
    if (state?.phase === 'settled') this.report(`E1: an effect of "${step.name}" left after it had settled`);
    else if (state?.openAttempt?.number !== attempt || state.lostTo !== undefined) {
      this.report(`E2: an effect of "${step.name}" left for attempt ${attempt}, which is over`);
    }
  }

  /** A handler's call: its attempt is open, or the turn has lost its lease and has not heard of it. */
  #onUndoLeaves(actor: Actor, { name, count }: { readonly name: string; readonly count: number }): void {
    const life = this.lives.get(actor.incarnation);
    const undone = life?.state.stepOf({ kind: 'rollback', name: name.slice(UNDO.length), count });
    const isOpen = undone?.openAttempt !== undefined && undone.lostTo === undefined;
    if (!isOpen && this.isHolder(actor)) this.report(`E2: "${name}" left without an attempt that is open`);
  }

  onYield(actor: Actor): void {
    const life = this.lives.get(actor.incarnation);
    if (life !== undefined) life.yields += 1;
  }

  /** Whoever is told a token may use it at once. */
  onTokenLeaves(actor: Actor, step: { readonly name: string }, token: string): void {
    const hash = hashToken(token);
    const life = this.lives.get(actor.incarnation);
    if (life?.records.some((record) => record.kind === 'token_made' && record.hash === hash) !== true) {
      this.report(`E2: a token of "${step.name}" left before it was durable`);
    }
  }

  onTokenHanded({ key }: Actor, step: { readonly name: string }, token: string): void {
    this.#listeners.get(nameOf(key))?.({ token, step: step.name });
  }

  /** `listener` is told each token of the instance that leaves, of whatever life. */
  onHanded(key: InstanceKey, listener: (handed: HandedToken) => void): void {
    this.#listeners.set(nameOf(key), listener);
  }

  onEffect(actor: Actor, step: { readonly name: string; readonly count: number }, attempt: number): void {
    this.lives.get(actor.incarnation)?.effects.push({ step: `${step.name}/${step.count}`, attempt });
  }

  // --- the end ---

  /** E5 and the ledger, when everything is over. `disasters`: how often a turn was cut off. */
  async checkEnd(disasters: number): Promise<void> {
    for (const life of this.lives.values()) {
      if (!life.isOver) {
        await this.#checkEvents(life);
        this.#compare(life, await this.#store.readJournal({ key: life.key, incarnation: life.incarnation }));
      }
      this.#checkEffects(life, disasters);
    }
  }

  async #checkEvents(life: Life): Promise<void> {
    const { key, incarnation, state } = life;
    const items = await this.#store.readInbox({ key, incarnation, afterSeq: state.takenSeq, limit: 100_000 });
    const left = new Map(items.map(({ seq, item }) => [seq, item.kind === 'event' ? item.eventId : '']));
    const received = new Map<number, string>();
    for (const record of life.records) if (record.kind === 'event_received') received.set(record.seq, record.eventId);
    for (const [seq, { id: eventId }] of life.events) {
      const places = [received.get(seq), left.get(seq)].filter((id) => id === eventId).length;
      if (places !== 1) this.report(`E5: event ${seq} of ${nameOf(key)} is in ${places} places`);
    }
  }

  /** Every effect has a start of its own in the journal, and starts are only repeated after a failure or a loss. */
  #checkEffects(life: Life, disasters: number): void {
    if (life.effects.length === 0) return;
    const starts = new Map<string, number>();
    const failures = new Map<string, number>();
    let losses = 0;
    const add = (counts: Map<string, number>, { kind, name: of, count }: StepKey): void => {
      const name = `${kind === 'rollback' ? UNDO : ''}${of}/${count}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    };
    for (const record of life.records) {
      if (record.kind === 'attempt_started') add(starts, record.step);
      else if (record.kind === 'attempt_failed' && !isLoss(record.error.message)) add(failures, record.step);
      else if (record.kind === 'turn_failed') losses += 1;
    }
    if (losses > disasters + this.#cutOffs + life.yields) {
      this.report(`${nameOf(life.key)} lost ${losses} turns to ${disasters} disasters`);
    }
    const effects = new Map<string, number>();
    for (const { step } of life.effects) effects.set(step, (effects.get(step) ?? 0) + 1);
    for (const [step, count] of effects) {
      if (count > (starts.get(step) ?? 0)) this.report(`E2: ${count} effects of "${step}", ${starts.get(step)} starts`);
      if (count - 1 > (failures.get(step) ?? 0) + losses) {
        this.report(`E1: "${step}" of ${nameOf(life.key)} had ${count} effects after ${losses} losses`);
      }
    }
  }
}

/** Whoever waits in line asks by itself after so long. */
const MAX_WAIT_MS = 400_000;

/** How handlers call themselves to the outside. */
const UNDO = 'undo ';

const pausedTime = (records: readonly JournalRecord[]): number => {
  let total = 0;
  let since: number | undefined;
  for (const record of records) {
    if (record.kind === 'pause_requested') since ??= record.requestedAt;
    else if (record.kind === 'resumed' && since !== undefined) {
      total += Math.max(0, record.resumedAt - since);
      since = undefined;
    }
  }
  return total;
};

const isLoss = (message: string): boolean => /^Attempt \d+ ended since /.test(message);

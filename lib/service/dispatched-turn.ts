import { refusalOf } from '../core/admit.ts';
import { lossOf, needsGuest, nextDueAt, projectionOf, takeInbox, uncleanEnd } from '../core/decide.ts';
import { TenonError } from '../core/errors.ts';
import {
  DEFAULT_RETENTION_MS,
  DEFAULT_SUBREQUESTS,
  HOLD_MS,
  LEASE_MS,
  LEASE_RENEWAL_MS,
  MAX_UNCLEAN_TURNS,
  SECOND_MS,
} from '../core/limits.ts';
import type { JournalRecord } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import { dispatchWorkflow, type RunnerEvent } from '../dispatch/dispatch-workflow.ts';
import type { BindingCaller } from '../ports/binding-host.ts';
import type { Guest } from '../ports/executor.ts';
import type { AppendResult, InstanceKey, Summary } from '../ports/instance-store.ts';
import type { GuestMessage, GuestTermination, HostCall } from '../ports/turn-messages.ts';
import type { Dependencies } from './dependencies.ts';
import { shownError } from './shown-error.ts';
import { carriedValue, forGuest, loadValue, segmentOf, spill, valuePrefix, withValue } from './stored-values.ts';
import { loadTurnSettings, type TurnSettings } from './turn-settings.ts';

export type TurnDependencies = Pick<
  Dependencies,
  | 'clock'
  | 'timer'
  | 'instances'
  | 'tenants'
  | 'bundles'
  | 'blobs'
  | 'vault'
  | 'wakes'
  | 'watch'
  | 'executor'
  | 'bindings'
>;

const INBOX_PAGE = 1_000;

/**
 * One turn of one instance, from the dispatcher's side: it owns the lease and the journal's end. What the guest proposes is
 * admitted, appended in order and only then acted on (E2). When an append is refused, somebody else has the instance:
 * the turn stops where it is, without effect (E3).
 */
export class DispatchedTurn {
  readonly key: InstanceKey;
  readonly #deps: TurnDependencies;
  readonly #summary: Summary;
  readonly #owner: string;
  readonly #state = new JournalState();
  #records: JournalRecord[] = [];
  #settings: TurnSettings | undefined;
  #guest: Guest | undefined;
  #segmentEnd = 0;
  /** What is to be done, one thing after the other. */
  #chain: Promise<void> = Promise.resolve();
  #isOver = false;
  #isInboxAsked = false;
  /** The journal does not end where `run()` was blocked. */
  #hasToRun = false;
  #gapSeenAt: number | undefined;
  #cancelRenewal: () => void = () => {};
  #cancelGapWatch: () => void = () => {};
  /** Aborted with the turn. */
  readonly #ended = new AbortController();
  /** One for each attempt that has called out, by ordinal and number. */
  readonly #attempts = new Map<string, AbortController>();
  /** Calls to the outside by attempt, against the tenant's limit of subrequests. */
  readonly #callsMade = new Map<string, number>();
  readonly done: Promise<void>;
  #resolveDone: () => void = () => {};

  /** `summary` is as claimed: its lease is ours. `isNew`: created just now, so that there is no journal to read. */
  constructor(deps: TurnDependencies, summary: Summary, isNew: boolean) {
    this.#deps = deps;
    this.#summary = summary;
    this.key = { tenant: summary.tenant, workflow: summary.workflow, id: summary.id };
    this.#owner = summary.lease?.owner ?? '';
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.#do(() => this.#open(isNew));
    this.#renewLater();
  }

  /** Something came into the inbox, or a control call went by: look. */
  notify(): void {
    if (this.#isInboxAsked || this.#isOver) return;
    this.#isInboxAsked = true;
    this.#do(async () => {
      this.#isInboxAsked = false;
      await this.#takeInbox();
    });
  }

  /** The host is going down: the guest is dropped, the lease given back, and another turn goes on from the journal. */
  async interrupt(): Promise<void> {
    this.#do(async () => {
      this.#dropGuest();
      // Attempts in progress stay open in the journal: they count, since their effects may have left.
      // Without any, the journal has to tell by itself that run() was not at its end.
      const at = this.#state.lastAt;
      const cutOff: JournalRecord = { kind: 'turn_failed', at, cause: 'executor_lost', isCounted: false };
      const records = lossOf(this.#state) === undefined ? [this.#apply(cutOff)] : [];
      await this.#release(records, { wakeAt: this.#deps.clock.now(), isClean: true, isInboxLeft: true });
    });
    await this.done;
  }

  // --- beginning ---

  async #open(isNew: boolean): Promise<void> {
    const { instances } = this.#deps;
    const { incarnation, unclosedClaims } = this.#summary;
    if (!isNew) {
      this.#records = [...(await instances.readJournal({ key: this.key, incarnation }))];
      for (const record of this.#records) this.#state.apply(record);
    }
    if (this.#state.final !== undefined) return this.#release([], { isClean: true, isInboxLeft: true });

    // After a crash, a pause, or in a new life: what run() was about to do stands nowhere, so that only it can tell (E6).
    this.#hasToRun = this.#summary.status !== 'waiting' || this.#records.length !== this.#summary.position;
    const opening: JournalRecord[] = [];
    const loss = lossOf(this.#state);
    if (loss !== undefined) opening.push(this.#apply(loss));
    if (unclosedClaims > MAX_UNCLEAN_TURNS) {
      opening.push(this.#apply(uncleanEnd(this.#state, this.#deps.clock.now())));
      return this.#release(opening, { isClean: true, isInboxLeft: true });
    }
    if (this.#summary.inboxSeq > this.#state.takenSeq) opening.push(...(await this.#readInbox()));
    if (this.#state.pauseRequestedAt !== undefined && !this.#state.isPaused) opening.push(this.#applyPaused());
    if (!this.#needsGuest()) {
      return this.#release(opening, { wakeAt: nextDueAt(this.#state), isClean: true });
    }
    if (opening.length > 0 && !(await this.#append(opening))) return;
    await this.#startGuest();
  }

  #needsGuest(): boolean {
    return !this.#state.isPaused && (this.#hasToRun || needsGuest(this.#state, this.#deps.clock.now()));
  }

  async #startGuest(): Promise<void> {
    const { envelope, createdAt, id, workflow } = this.#summary;
    const event = { payload: envelope, timestamp: new Date(createdAt), instanceId: id, workflowName: workflow };
    try {
      await dispatchWorkflow({ env: this.#deps, ctx: this.#summary }, event, this, async ({ metadata }) => {
        if (metadata.tenant !== this.key.tenant) {
          throw new TenonError(
            'request.invalid',
            'The envelope names another tenant than the one that owns this instance',
          );
        }
        this.#settings = await loadTurnSettings(this.#deps, this.#summary);
        return { run: (unwrapped) => this.#run(unwrapped) };
      });
    } catch (error) {
      await this.#failForGood(error);
    }
  }

  async #run(event: RunnerEvent): Promise<void> {
    const { settings } = this;
    const { records, next } = segmentOf(this.#records, 0);
    this.#segmentEnd = next;
    const params = this.#summary.envelope.params;
    const payload = params === null ? null : await loadValue(this.#deps.blobs, params);
    this.#guest = this.#deps.executor.start(
      settings.guest,
      {
        kind: 'start_turn',
        instanceId: event.instanceId,
        workflowName: this.key.workflow,
        seed: this.#summary.seed,
        payload,
        timestamp: this.#summary.createdAt,
        env: settings.env,
        records,
        hasMore: next < this.#records.length,
        position: this.#records.length,
        isPaused: false,
        isStrict: settings.guest.isStrict,
        isCautious: this.#summary.unclosedClaims > 1,
        limits: settings.limits,
      },
      {
        onMessage: (message) => this.#do(() => this.#onMessage(message)),
        onTerminated: (termination) => this.#do(() => this.#onTerminated(termination)),
      },
    );
  }

  // --- what the guest says ---

  async #onMessage(message: GuestMessage): Promise<void> {
    switch (message.kind) {
      case 'records':
        await this.#appendProposed(message.records);
        return;
      case 'commit':
        if (await this.#appendProposed(message.records)) this.#guest?.send({ kind: 'committed' });
        return;
      case 'call':
        if (await this.#appendProposed(message.records)) this.#call(message);
        return;
      case 'need_segment': {
        const { records, next } = segmentOf(this.#records, this.#segmentEnd);
        this.#segmentEnd = next;
        this.#guest?.send({ kind: 'segment', records, hasMore: next < this.#records.length });
        return;
      }
      case 'need_inbox':
        return this.#answerInbox();
      case 'need_value': {
        const record = this.#records[message.position];
        const value = record === undefined ? undefined : carriedValue(record);
        if (value === undefined) return this.#violate();
        this.#guest?.send({
          kind: 'value',
          position: message.position,
          value: await loadValue(this.#deps.blobs, value),
        });
        return;
      }
      case 'blocked':
        return this.#onBlocked(message);
      case 'finished':
        return this.#onFinished(message.records);
      case 'response':
      case 'fetch_failed':
        return this.#violate();
    }
  }

  async #onBlocked({
    records,
    wakeAt,
    isHolding,
    takenSeq,
  }: Extract<GuestMessage, { kind: 'blocked' }>): Promise<void> {
    const admitted = await this.#admit(records);
    if (admitted === undefined) return;
    // Said before it heard of what has been sent to it since: it will say so again, or something else.
    if (takenSeq < this.#state.takenSeq) {
      await this.#append(admitted);
      return;
    }
    const isPausing = this.#state.pauseRequestedAt !== undefined;
    // The guest decides, since it has the alarm: time has gone on while its message was on the way.
    if (!isPausing && isHolding && wakeAt !== undefined && wakeAt - this.#deps.clock.now() <= HOLD_MS) {
      await this.#append(admitted);
      return;
    }
    if (isPausing) admitted.push(this.#applyPaused());
    await this.#release(admitted, { wakeAt, isClean: true });
  }

  async #onFinished(records: readonly JournalRecord[]): Promise<void> {
    const admitted = await this.#admit(records);
    if (admitted === undefined) return;
    if (this.#state.final === undefined) return this.#violate();
    await this.#release(admitted, { isClean: true, isInboxLeft: true });
  }

  #call({ callId, binding, method, args, attempt }: HostCall): void {
    const { settings } = this;
    const owner = attempt === undefined ? 'run' : `${attempt.ordinal}/${attempt.attempt}`;
    const made = (this.#callsMade.get(owner) ?? 0) + 1;
    this.#callsMade.set(owner, made);
    const limit = settings.tenant.limits.subrequests ?? DEFAULT_SUBREQUESTS;
    if (made > limit) {
      const error = new TenonError(
        'quota.exceeded',
        `Too many subrequests: an attempt may make ${limit} calls to the outside`,
      );
      this.#guest?.send({ kind: 'answer', callId, ok: false, error: shownError(error) });
      return;
    }
    const caller: BindingCaller = {
      tenant: settings.tenant,
      version: this.#summary.version,
      instance: { workflow: this.key.workflow, id: this.key.id },
      signal: attempt === undefined ? this.#ended.signal : this.#attemptSignal(attempt),
    };
    this.#deps.bindings.call(caller, { binding, method, args }).then(
      (value) => this.#guest?.send({ kind: 'answer', callId, ok: true, value }),
      (error: unknown) => this.#guest?.send({ kind: 'answer', callId, ok: false, error: shownError(error) }),
    );
  }

  #attemptSignal({ ordinal, attempt }: { readonly ordinal: number; readonly attempt: number }): AbortSignal {
    const name = `${ordinal}/${attempt}`;
    const known = this.#attempts.get(name);
    if (known !== undefined) return known.signal;
    const controller = new AbortController();
    this.#attempts.set(name, controller);
    return controller.signal;
  }

  async #onTerminated({ cause, isGuilty, message }: GuestTermination): Promise<void> {
    this.#guest = undefined;
    const now = this.#deps.clock.now();
    const failure = this.#apply({ kind: 'turn_failed', at: this.#state.lastAt, cause, isCounted: isGuilty });
    if (isGuilty && this.#summary.unclosedClaims >= MAX_UNCLEAN_TURNS) {
      const end = uncleanEnd(this.#state, now) as Extract<JournalRecord, { kind: 'errored' }>;
      const error = { ...end.error, message: `${end.error.message}. ${message}` };
      return this.#release([failure, this.#apply({ ...end, error })], { isClean: true, isInboxLeft: true });
    }
    const backoffMs = isGuilty ? SECOND_MS * this.#summary.unclosedClaims : 0;
    await this.#release([failure], { wakeAt: now + backoffMs, isClean: !isGuilty, isInboxLeft: true });
  }

  async #violate(): Promise<void> {
    this.#dropGuest();
    await this.#onTerminated({
      cause: 'protocol_violation',
      isGuilty: true,
      message: 'The guest sent what the platform does not accept',
    });
  }

  /** The instance cannot go on whatever happens: its envelope or its version is not there. */
  async #failForGood(error: unknown): Promise<void> {
    if (!(error instanceof TenonError) && (error as Error).name !== 'MissingDispatcherMetadataError') throw error;
    const { name, message } = error as Error;
    const at = Math.max(this.#deps.clock.now(), this.#state.lastAt);
    const record = this.#apply({ kind: 'errored', at, error: { name, message } });
    await this.#release([record], { isClean: true, isInboxLeft: true });
  }

  // --- inbox ---

  async #takeInbox(): Promise<void> {
    const summary = await this.#deps.instances.get(this.key);
    if (
      summary === undefined ||
      summary.incarnation !== this.#summary.incarnation ||
      summary.lease?.owner !== this.#owner
    ) {
      return this.#lose();
    }
    const records = await this.#readInbox();
    if (records.length > 0 && (await this.#append(records))) this.#tellGuest(records);
  }

  async #answerInbox(): Promise<void> {
    const records = await this.#readInbox();
    if (await this.#append(records)) this.#tellGuest(records, { isAnswer: true });
  }

  /** Of records that have just been appended. */
  #tellGuest(records: readonly JournalRecord[], more: { readonly isAnswer?: true } = {}): void {
    const first = this.#records.length - records.length;
    const loaded = records.map((record, index) => forGuest(record, first + index));
    this.#guest?.send({ kind: 'inbox', records: loaded, ...more });
  }

  /** What the inbox holds, as records applied to the state; the caller appends them. */
  async #readInbox(): Promise<JournalRecord[]> {
    const { instances, clock } = this.#deps;
    const out: JournalRecord[] = [];
    for (;;) {
      const items = await instances.readInbox({
        key: this.key,
        incarnation: this.#summary.incarnation,
        afterSeq: this.#state.takenSeq,
        limit: INBOX_PAGE,
      });
      const taken = takeInbox(this.#state, items, { now: clock.now(), gapSeenAt: this.#gapSeenAt });
      if (taken.hasGap) this.#watchGap();
      else this.#gapSeenAt = undefined;
      for (const record of taken.records) out.push(this.#apply(record));
      if (taken.hasGap || items.length < INBOX_PAGE) return out;
    }
  }

  #watchGap(): void {
    this.#gapSeenAt ??= this.#deps.clock.now();
    this.#cancelGapWatch();
    this.#cancelGapWatch = this.#deps.timer.after(SECOND_MS, () => this.notify());
  }

  // --- the journal ---

  /** A record of the dispatcher's own: made by `decide`, so that there is nothing to check. */
  #apply(record: JournalRecord): JournalRecord {
    this.#state.apply(record);
    return record;
  }

  #applyPaused(): JournalRecord {
    return this.#apply({ kind: 'paused', at: Math.max(this.#state.lastAt, this.#state.startedAt ?? 0) });
  }

  async #appendProposed(records: readonly JournalRecord[]): Promise<boolean> {
    const admitted = await this.#admit(records);
    return admitted !== undefined && (await this.#append(admitted));
  }

  /** The records, checked and applied, large values put aside; `undefined`: refused, and the turn is over. */
  async #admit(records: readonly JournalRecord[]): Promise<JournalRecord[] | undefined> {
    const { settings } = this;
    const out: JournalRecord[] = [];
    const now = this.#deps.clock.now();
    const first = this.#state.position;
    for (const record of records) {
      if (refusalOf(this.#state, record, settings.limits, now) !== undefined) {
        await this.#violate();
        return undefined;
      }
      const value = carriedValue(record);
      const stored = value === undefined ? undefined : await this.#spill(value, first + out.length);
      const kept = stored === undefined || stored === value ? record : withValue(record, stored);
      out.push(this.#apply(kept));
      if (record.kind === 'step_settled' || record.kind === 'attempt_failed') this.#endAttempt(record);
    }
    return out;
  }

  #spill(value: Parameters<typeof spill>[2], position: number): ReturnType<typeof spill> | typeof value {
    if (typeof value !== 'string' || value.length < 65_536) return value;
    return spill(this.#deps.blobs, `${valuePrefix(this.key)}${this.#summary.incarnation}/${position}`, value);
  }

  #endAttempt({ ordinal, attempt }: { readonly ordinal: number; readonly attempt: number }): void {
    const name = `${ordinal}/${attempt}`;
    this.#attempts.get(name)?.abort();
    this.#attempts.delete(name);
  }

  async #append(records: readonly JournalRecord[]): Promise<boolean> {
    if (records.length === 0) return !this.#isOver;
    const result = await this.#write(records, undefined);
    if (result.kind === 'done') return true;
    this.#lose();
    return false;
  }

  async #write(
    records: readonly JournalRecord[],
    release: Parameters<TurnDependencies['instances']['append']>[0]['release'],
  ): Promise<AppendResult> {
    const position = this.#records.length;
    this.#records.push(...records);
    return this.#deps.instances.append({
      key: this.key,
      incarnation: this.#summary.incarnation,
      position,
      records,
      ...(release === undefined ? {} : { release }),
    });
  }

  /** The last append of the turn. Where the inbox has got ahead, the turn reads on instead of ending. */
  async #release(
    records: readonly JournalRecord[],
    params: { readonly wakeAt?: number | undefined; readonly isClean: boolean; readonly isInboxLeft?: boolean },
  ): Promise<void> {
    const projection = projectionOf(this.#state, { wakeAt: params.wakeAt, retentionMs: this.#retentionMs() });
    const result = await this.#write(records, {
      owner: this.#owner,
      isClean: params.isClean,
      projection,
      ...(params.isInboxLeft === true ? {} : { takenSeq: this.#state.takenSeq }),
    });
    switch (result.kind) {
      case 'conflict':
        return this.#lose();
      case 'inbox_not_empty':
        return this.#readOn(params.wakeAt);
      case 'done':
        this.#end();
        this.#deps.watch.announce(this.key);
        if (projection.wakeAt !== undefined) {
          await this.#deps.wakes.wake({ key: this.key, incarnation: this.#summary.incarnation, at: projection.wakeAt });
        }
    }
  }

  async #readOn(wakeAt: number | undefined): Promise<void> {
    const records = await this.#readInbox();
    if (this.#guest !== undefined) {
      if (await this.#append(records)) this.#tellGuest(records);
      return;
    }
    if (this.#state.pauseRequestedAt !== undefined && !this.#state.isPaused) records.push(this.#applyPaused());
    if (!this.#needsGuest()) {
      return this.#release(records, {
        wakeAt: nextDueAt(this.#state) ?? wakeAt,
        isClean: true,
        isInboxLeft: this.#gapSeenAt !== undefined,
      });
    }
    if (await this.#append(records)) await this.#startGuest();
  }

  #retentionMs(): number {
    const { final } = this.#state;
    const retention = this.#settings?.retention;
    const ofWorkflow = final?.kind === 'completed' ? retention?.success : retention?.error;
    return this.#summary.retentionMs ?? ofWorkflow ?? DEFAULT_RETENTION_MS;
  }

  // --- life of the turn ---

  get settings(): TurnSettings {
    if (this.#settings === undefined) throw new Error('The turn has no settings before its guest is started');
    return this.#settings;
  }

  #do(action: () => Promise<void>): void {
    this.#chain = this.#chain.then(async () => {
      if (this.#isOver) return;
      try {
        await action();
      } catch (error) {
        // A store that fails: nothing is known of the last append, so nothing more is done. The lease runs out.
        this.#end();
        this.onError(error);
      }
    });
  }

  /** Set by whoever runs the turn; what a store throws ends here. */
  onError: (error: unknown) => void = () => {};

  #renewLater(): void {
    this.#cancelRenewal = this.#deps.timer.after(LEASE_RENEWAL_MS, () => {
      this.#do(async () => {
        const lease = { owner: this.#owner, until: this.#deps.clock.now() + LEASE_MS };
        const isOurs = await this.#deps.instances.renew({
          key: this.key,
          incarnation: this.#summary.incarnation,
          lease,
        });
        if (!isOurs) return this.#lose();
        this.#renewLater();
      });
    });
  }

  #lose(): void {
    this.#end();
  }

  #dropGuest(): void {
    this.#guest?.end();
    this.#guest = undefined;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelRenewal();
    this.#cancelGapWatch();
    this.#dropGuest();
    this.#ended.abort();
    for (const controller of this.#attempts.values()) controller.abort();
    this.#attempts.clear();
    this.#resolveDone();
  }
}

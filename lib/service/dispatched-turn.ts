import { failureOf, lossOf, needsGuest, nextDueAt, uncleanEnd } from '../core/decide.ts';
import { TenonError } from '../core/errors.ts';
import { HOLD_MS, MAX_UNCLEAN_TURNS, MINUTE_MS, SECOND_MS } from '../core/limits.ts';
import type { JournalRecord } from '../core/records.ts';
import type { Guest } from '../ports/executor.ts';
import type { InstanceKey, Summary } from '../ports/instance-store.ts';
import type { GuestMessage, GuestTermination, HostMessage } from '../ports/turn-messages.ts';
import type { LoadedTurn } from './load-turn.ts';
import { refusalOf } from './policy-refusal.ts';
import { loadValue } from './stored-values.ts';
import { TurnActions } from './turn-actions.ts';
import { TurnAdmission } from './turn-admission.ts';
import { endedBy, TurnEffects } from './turn-effects.ts';
import { TurnInbox } from './turn-inbox.ts';
import { TurnJournal } from './turn-journal.ts';
import { TurnLease } from './turn-lease.ts';
import { loadTurn } from './turn-loader.ts';
import { TurnLooks } from './turn-looks.ts';
import type { TurnDependencies, TurnOptions } from './turn-options.ts';
import { releaseOf, type TurnEnd } from './turn-release.ts';
import type { TurnSettings } from './turn-settings.ts';
import { TurnSlots } from './turn-slots.ts';
import { traceIdOf } from './turn-spans.ts';
import { turnStart } from './turn-start.ts';
import { TurnStreams } from './turn-streams.ts';

/** An instance of a suspended tenant asks again after so long whether it may go on. */
const SUSPENDED_MS = MINUTE_MS;
/** What a turn that is lost has under way was aborted, and may need so long to end all the same. */
const CALLS_SETTLE_MS = 5 * SECOND_MS;

/**
 * One turn of one instance, from the dispatcher's side: it owns the lease and the journal's end. What the guest proposes is
 * admitted, appended in order and only then acted on (E2). When an append is refused, somebody else has the instance:
 * the turn stops where it is, without effect (E3).
 */
export class DispatchedTurn {
  readonly key: InstanceKey;
  readonly #deps: TurnDependencies;
  readonly #options: TurnOptions;
  readonly #summary: Summary;
  readonly #slots: TurnSlots;
  readonly #lease: TurnLease;
  readonly #journal: TurnJournal;
  readonly #inbox: TurnInbox;
  readonly #streams: TurnStreams;
  readonly #admission: TurnAdmission;
  readonly #looks: TurnLooks;
  #settings: TurnSettings | undefined;
  #effects: TurnEffects | undefined;
  #guest: Guest | undefined;
  /** What is to be done, one thing after the other. */
  readonly #actions = new TurnActions((error) => {
    // A store that fails: nothing is known of the last append, so nothing more is done. The lease runs out.
    this.#end();
    this.#options.onError(error);
  });
  /** The journal does not end where `run()` was blocked. */
  #hasToRun = false;
  readonly done: Promise<void>;
  #resolveDone: () => void = () => {};

  /** `summary` is as claimed: its lease is ours. */
  constructor(deps: TurnDependencies, summary: Summary, options: TurnOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#summary = summary;
    this.key = { tenant: summary.tenant, workflow: summary.workflow, id: summary.id };
    this.#slots = new TurnSlots(deps, summary, options);
    this.#lease = new TurnLease({ ...deps, renewFirst: (until) => this.#slots.renew(until) }, summary);
    const of = { key: this.key, incarnation: summary.incarnation };
    this.#journal = new TurnJournal(deps, of);
    this.#streams = new TurnStreams(deps, { ...of, state: this.#journal.state });
    this.#admission = new TurnAdmission(deps.clock, this.#journal, this.#streams);
    this.#inbox = new TurnInbox(deps, of, this.#journal, () => this.notify());
    this.#looks = new TurnLooks(deps.timer, options, this.#actions, () => this.#takeInbox());
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.#actions.add(() => this.#open());
    this.#lease.keep(
      (action) => this.#actions.add(action),
      () => this.#lose(),
    );
    this.#looks.begin();
  }

  /** Something came into the inbox, or a control call went by: look. */
  notify(): void {
    this.#looks.ask();
  }

  /** The host is going down: the guest is dropped, the lease given back, and another turn goes on from the journal. */
  async interrupt(): Promise<void> {
    this.#actions.add(async () => {
      this.#dropGuest();
      // Attempts in progress stay open in the journal: they count, since their effects may have left.
      const records = lossOf(this.#state) === undefined ? [this.#applyCutOff()] : [];
      await this.#release(records, { wakeAt: this.#deps.clock.now(), isClean: true, isInboxLeft: true });
    });
    await this.done;
  }

  // --- beginning ---

  async #open(): Promise<void> {
    if (!this.#options.isNew) await this.#journal.load();
    if (this.#state.final !== undefined) return this.#release([], { isClean: true, isInboxLeft: true });

    // After a crash, a pause, or in a new life: what run() was about to do stands nowhere, so that only it can tell (E6).
    this.#hasToRun =
      this.#state.rollback === undefined &&
      (this.#summary.status !== 'waiting' || this.#journal.position !== this.#summary.position);
    const opening: JournalRecord[] = [];
    const loss = lossOf(this.#state);
    if (loss !== undefined) opening.push(this.#apply(loss));
    if (this.#summary.unclosedClaims > MAX_UNCLEAN_TURNS) {
      const now = this.#deps.clock.now();
      opening.push(this.#apply(uncleanEnd(this.#state, now)));
      return this.#release(opening, { wakeAt: now, isClean: true, isInboxLeft: true });
    }
    if (this.#summary.inboxSeq > this.#state.takenSeq) opening.push(...(await this.#inbox.take()));
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
    const isFirstTurn = this.#state.startedAt === undefined && !this.#journal.hasMoved;
    let loaded: LoadedTurn;
    try {
      loaded = await loadTurn(this.#deps, { ...this.#options, summary: this.#summary, isFirstTurn });
    } catch (error) {
      return this.#failForGood(error);
    }
    this.#settings = loaded.settings;
    if (loaded.isApart) return this.#handOver();
    this.#journal.tail = loaded.tail;
    if (loaded.version === this.#summary.version) return this.#runInTurn(loaded.settings);
    // Pinned before anything runs: the next turn runs it.
    const now = this.#deps.clock.now();
    const at = Math.max(now, this.#state.lastAt);
    const moved = this.#apply({ kind: 'moved', at, from: this.#summary.version, to: loaded.version });
    await this.#release([moved], { wakeAt: now, isClean: true, isInboxLeft: true, version: loaded.version });
  }

  /** As if it had not begun: another turn does, in a machine of the tenant's own. */
  async #handOver(): Promise<void> {
    const records = this.#hasToRun && this.#state.startedAt !== undefined ? [this.#applyCutOff()] : [];
    const wakeAt = this.#deps.clock.now();
    await this.#release(records, { wakeAt, isClean: true, isInboxLeft: true, isApart: true });
  }

  /** Where workflow or tenant have a limit, it waits in line first: without a lease, and due by itself only much later. */
  async #runInTurn(settings: TurnSettings): Promise<void> {
    if (!(await this.#lease.isHeld())) return this.#lose();
    // What it has done stays, and it goes on when the operator lets it.
    if (settings.tenant.suspended) {
      return this.#release([], { wakeAt: this.#deps.clock.now() + SUSPENDED_MS, isInLine: true });
    }
    const admission = await this.#slots.take(settings.concurrency, this.#lease.heldUntil);
    switch (admission.kind) {
      case 'admitted':
        return this.#run(settings);
      case 'in_line':
        return this.#release([], { wakeAt: admission.askAgainAt, isInLine: true });
      case 'doubled':
        return this.#lose();
    }
  }

  async #run(settings: TurnSettings): Promise<void> {
    const traceId = traceIdOf(this.#summary);
    const caller = {
      tenant: settings.tenant,
      version: this.#summary.version,
      instance: { workflow: this.key.workflow, id: this.key.id },
      ...(traceId !== undefined && { traceId }),
    };
    const { policies } = settings;
    this.#effects = new TurnEffects(this.#deps.bindings, caller, (call) => refusalOf(policies, call, this.#state));
    const params = this.#summary.envelope.params;
    const payload = params === null ? null : await loadValue(this.#deps.blobs, params);
    this.#guest = this.#deps.executor.start(
      settings.guest,
      turnStart({
        summary: this.#summary,
        settings,
        journal: this.#journal,
        payload,
        options: this.#options,
        isResumed: !this.#hasToRun && !this.#state.isCutOff,
      }),
      {
        onMessage: (message) => this.#actions.add(() => this.#onMessage(message)),
        onTerminated: (termination) => this.#actions.add(() => this.#onTerminated(termination)),
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
        if ((await this.#appendProposed(message.records)) && (await this.#isStillOurs(message))) {
          this.#effects?.call(message, (answer) => this.#guest?.send(answer));
        }
        return;
      case 'logs': {
        const due = this.#admission.logs(message);
        if (due !== undefined) await this.#append(due);
        return;
      }
      case 'write_stream':
        if (await this.#appendProposed(message.records)) await this.#answer(this.#streams.write(message));
        return;
      case 'read_stream':
        if (await this.#appendProposed(message.records)) await this.#answer(this.#streams.read(message));
        return;
      case 'need_segment':
        this.#guest?.send({ kind: 'segment', ...this.#journal.nextSegment() });
        return;
      case 'need_inbox':
        return this.#answerInbox();
      case 'need_value': {
        const value = await this.#journal.valueAt(message.position);
        if (value === undefined) return this.#violate();
        this.#guest?.send({ kind: 'value', position: message.position, value });
        return;
      }
      case 'blocked':
        return this.#onBlocked(message);
      case 'yield':
        return this.#onYield(message.records);
      case 'finished':
        return this.#onFinished(message.records);
      case 'response':
      case 'fetch_failed':
        return this.#violate();
    }
  }

  /** `undefined`: no guest of ours asks so. */
  async #answer(answered: Promise<HostMessage | undefined>): Promise<void> {
    const answer = await answered;
    if (answer === undefined) return this.#violate();
    this.#guest?.send(answer);
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

  async #onYield(records: readonly JournalRecord[]): Promise<void> {
    const admitted = await this.#admit(records);
    if (admitted === undefined) return;
    // One that rolls back says by itself that it is not at its end.
    if (this.#state.rollback === undefined) admitted.push(this.#applyCutOff());
    // The next turn is due at once and takes what has come in: this guest may be at its end, and hears of nothing any more.
    await this.#release(admitted, { wakeAt: this.#deps.clock.now(), isClean: true, isInboxLeft: true });
  }

  async #onFinished(records: readonly JournalRecord[]): Promise<void> {
    const admitted = await this.#admit(records);
    if (admitted === undefined) return;
    if (this.#state.final === undefined) return this.#violate();
    await this.#release(admitted, { isClean: true, isInboxLeft: true });
  }

  async #onTerminated({ cause, isGuilty, message }: GuestTermination): Promise<void> {
    this.#guest = undefined;
    const now = this.#deps.clock.now();
    const said = this.#admission.takeLogs();
    const failure = this.#apply({ kind: 'turn_failed', at: this.#state.lastAt, cause, isCounted: isGuilty });
    if (isGuilty && this.#summary.unclosedClaims >= MAX_UNCLEAN_TURNS) {
      const end = this.#apply(uncleanEnd(this.#state, now, message));
      return this.#release([...said, failure, end], { wakeAt: now, isClean: true, isInboxLeft: true });
    }
    const backoffMs = isGuilty ? SECOND_MS * this.#summary.unclosedClaims : 0;
    await this.#release([...said, failure], { wakeAt: now + backoffMs, isClean: !isGuilty, isInboxLeft: true });
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
    const now = this.#deps.clock.now();
    const records = [this.#apply(failureOf(this.#state, now, { name, message }))];
    // Nor can it go back: its handlers are in what is not there.
    if (this.#state.final === undefined) records.push(this.#apply(failureOf(this.#state, now, { name, message })));
    await this.#release(records, { isClean: true, isInboxLeft: true });
  }

  // --- inbox ---

  async #takeInbox(): Promise<void> {
    const summary = await this.#deps.instances.get(this.key);
    if (
      summary === undefined ||
      summary.incarnation !== this.#summary.incarnation ||
      summary.lease?.owner !== this.#lease.owner
    ) {
      return this.#lose();
    }
    if (summary.inboxSeq <= this.#state.takenSeq) return;
    const records = await this.#inbox.take();
    if (records.length > 0 && (await this.#append(records))) this.#tellGuest(records);
  }

  async #answerInbox(): Promise<void> {
    const records = await this.#inbox.take();
    if (await this.#append(records)) this.#tellGuest(records, { isAnswer: true });
  }

  /** Of records that have just been appended. */
  #tellGuest(records: readonly JournalRecord[], more: { readonly isAnswer?: true } = {}): void {
    this.#guest?.send({ kind: 'inbox', records: this.#journal.lastForGuest(records.length), ...more });
  }

  // --- the journal ---

  get #state(): TurnJournal['state'] {
    return this.#journal.state;
  }

  #apply(record: JournalRecord): JournalRecord {
    return this.#journal.apply(record);
  }

  /** The journal has to tell by itself that `run()` was not at its end. */
  #applyCutOff(): JournalRecord {
    const at = this.#state.lastAt;
    return this.#apply({ kind: 'turn_failed', at, cause: 'executor_lost', isCounted: false });
  }

  #applyPaused(): JournalRecord {
    return this.#apply({ kind: 'paused', at: Math.max(this.#state.lastAt, this.#state.startedAt ?? 0) });
  }

  async #appendProposed(records: readonly JournalRecord[]): Promise<boolean> {
    const admitted = await this.#admit(records);
    return admitted !== undefined && (await this.#append(admitted));
  }

  /** The records, checked and applied; `undefined`: refused, and the turn is over. */
  async #admit(records: readonly JournalRecord[]): Promise<JournalRecord[] | undefined> {
    const admitted = await this.#admission.admit(records, {
      ...this.settings.limits,
      policies: this.settings.policies,
    });
    if (admitted === undefined) {
      await this.#violate();
      return undefined;
    }
    for (const record of admitted) {
      const ended = endedBy(record);
      if (ended === undefined) continue;
      this.#effects?.endAttempt(ended);
      await this.#streams.endAttempt(ended);
    }
    return admitted;
  }

  async #append(records: readonly JournalRecord[]): Promise<boolean> {
    const isWritten =
      (await this.#lease.isHeld()) && (records.length === 0 || (await this.#journal.write(records)).kind === 'done');
    if (isWritten) this.#streams.onWritten();
    // What follows may leave for the outside, and the write may have taken long.
    if (isWritten && (await this.#lease.isHeld())) return true;
    this.#lose();
    return false;
  }

  /** The last append of the turn. Where the inbox has got ahead, the turn reads on instead of ending. */
  async #release(records: readonly JournalRecord[], params: TurnEnd): Promise<void> {
    if (!(await this.#lease.isHeld())) return this.#lose();
    const release = releaseOf(params, {
      state: this.#state,
      summary: this.#summary,
      owner: this.#lease.owner,
      retention: this.#settings?.retention,
    });
    const result = await this.#journal.write(records, release);
    if (result.kind !== 'conflict') this.#streams.onWritten();
    switch (result.kind) {
      case 'conflict':
        return this.#lose();
      case 'inbox_not_empty':
        return this.#readOn(params.wakeAt);
      case 'done':
        this.#stop();
        this.#deps.watch.announce(this.key);
        try {
          const at = release.projection.wakeAt;
          if (at !== undefined) {
            const { isApart } = params;
            const { incarnation } = this.#summary;
            await this.#deps.wakes.wake({ key: this.key, incarnation, at, ...(isApart && { isApart }) });
          }
        } finally {
          // Not before: whoever waits for the turn may be frozen as soon as it is done, and the message with it.
          this.#tellDone();
        }
    }
  }

  async #readOn(wakeAt: number | undefined): Promise<void> {
    const records = await this.#inbox.take();
    if (this.#guest !== undefined) {
      if (await this.#append(records)) this.#tellGuest(records);
      return;
    }
    if (this.#state.pauseRequestedAt !== undefined && !this.#state.isPaused) records.push(this.#applyPaused());
    if (!this.#needsGuest()) {
      return this.#release(records, {
        wakeAt: nextDueAt(this.#state) ?? wakeAt,
        isClean: true,
        isInboxLeft: this.#inbox.hasGap,
      });
    }
    if (await this.#append(records)) await this.#startGuest();
  }

  // --- life of the turn ---

  get settings(): TurnSettings {
    if (this.#settings === undefined) throw new Error('The turn has no settings before its guest is started');
    return this.#settings;
  }

  /** Where nobody tells of a control call, a call that no append goes before looks for itself whether there was one. */
  async #isStillOurs({ records }: Extract<GuestMessage, { kind: 'call' }>): Promise<boolean> {
    if (this.#options.lookEveryMs === undefined || records.length > 0) return true;
    await this.#takeInbox();
    if (this.#actions.isOver) return false;
    // The look may have taken long.
    if (await this.#lease.isHeld()) return true;
    this.#lose();
    return false;
  }

  /** An instance may have had itself deleted among others: that call goes to its end before this process may be frozen. */
  #lose(): void {
    this.#streams.onLost();
    this.#stop();
    void this.#callsSettled().then(() => this.#tellDone());
  }

  /** Or when they have taken too long. */
  #callsSettled(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.timer.after(CALLS_SETTLE_MS, resolve);
      const settled = this.#effects?.settled() ?? Promise.resolve();
      void settled.catch(this.#options.onError).then(() => {
        cancel();
        resolve();
      });
    });
  }

  #dropGuest(): void {
    this.#guest?.end();
    this.#guest = undefined;
  }

  #end(): void {
    this.#stop();
    this.#tellDone();
  }

  #tellDone(): void {
    const { onError } = this.#options;
    void this.#streams
      .end()
      .catch(onError)
      .then(() => this.#slots.end())
      .catch(onError)
      .then(this.#resolveDone);
  }

  #stop(): void {
    if (this.#actions.isOver) return;
    this.#actions.end();
    this.#lease.end();
    this.#looks.end();
    this.#inbox.end();
    this.#dropGuest();
    this.#effects?.end();
  }
}

import type { JournalRecord, StepOutcome } from '../../lib/core/records.ts';
import { Turn } from '../../lib/guest/turn.ts';
import type { TurnHost } from '../../lib/guest/turn-host.ts';
import { decode } from '../../lib/guest/values.ts';
import type { GuestMessage, GuestRecord, HostCall, TurnStart } from '../../lib/ports/turn-messages.ts';

/** What tenant code gets as `step`, as far as these tests call it. */
export interface Step {
  // biome-ignore lint/suspicious/noExplicitAny: tenants' own values
  do(name: unknown, ...args: unknown[]): Promise<any>;
  sleep(name: unknown, duration: unknown): Promise<void>;
  sleepUntil(name: unknown, moment: unknown): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: tenants' own values
  waitForEvent(name: unknown, options: unknown): Promise<{ payload: any; timestamp: Date; type: string }>;
}

export interface Context {
  readonly step: { readonly name: string; readonly count: number };
  readonly attempt: number;
  readonly config: unknown;
  readonly signal: AbortSignal;
  defer(options?: unknown): { readonly token: string };
}

// biome-ignore lint/suspicious/noExplicitAny: tenants' own values
export type Run = (step: Step, event: any, turn: Turn) => unknown;

export const START_TIME = 1_000_000;

/** What stands in the journal for the token of that number. */
export const hashOf = (token: number): string => `${token}`.padStart(64, '0');

/** All microtasks, and nothing else. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A turn with the time and the outside in the test's hand: entries and alarms come when they are asked for. */
export class HandTurn {
  time: number;
  alarmAt: number | undefined;
  readonly messages: GuestMessage[] = [];
  turn: Turn;
  readonly #run: Run;
  readonly #start: Partial<TurnStart>;
  /** What the journal would hold. */
  readonly journal: JournalRecord[];
  /** Answers `commit` and `need_inbox` at once. */
  isAnswering = true;
  /** How many have been made. */
  tokens = 0;
  #entries = 0;
  #answers: (() => void)[] = [];

  constructor(
    run: Run,
    journal: readonly JournalRecord[] = [],
    more: Partial<TurnStart> & { readonly time?: number } = {},
  ) {
    const { time, ...start } = more;
    this.#run = run;
    this.#start = start;
    this.time = time ?? Math.max(START_TIME, journal.at(-1)?.at ?? 0);
    this.journal = [...journal];
    this.turn = this.#begin();
  }

  /** A turn from what the journal holds by now. */
  #begin(): Turn {
    const host: TurnHost = {
      now: () => this.time,
      post: (message) => this.#receive(message),
      setAlarm: (at) => {
        this.alarmAt = at;
      },
      postEntry: () => {
        this.#entries += 1;
      },
      makeToken: (prefix) => {
        this.tokens += 1;
        return { token: `${prefix}.${this.tokens}`, hash: hashOf(this.tokens) };
      },
      mapStack: (stack) => `mapped ${stack.split('\n')[0]}`,
    };
    const turn: Turn = new Turn(
      {
        kind: 'start_turn',
        instanceId: 'instance',
        workflowName: 'W',
        seed: 'seed',
        tokenPrefix: 'prefix',
        payload: null,
        timestamp: START_TIME - 500,
        env: { variables: {}, bindings: [] },
        records: this.journal.map((record, position): GuestRecord => ({ position, record })),
        hasMore: false,
        position: this.journal.length,
        isPaused: false,
        isStrict: false,
        isCautious: false,
        limits: { steps: 100, records: 400 },
        ...this.#start,
      },
      host,
    );
    turn.begin(() => (event, step) => this.#run(step as Step, event, turn));
    return turn;
  }

  #receive(message: GuestMessage): void {
    this.messages.push(message);
    if ('records' in message) this.journal.push(...message.records);
    if (!this.isAnswering) return;
    if (message.kind === 'commit') this.#answers.push(() => this.turn.onMessage({ kind: 'committed' }));
    if (message.kind === 'need_inbox')
      this.#answers.push(() => this.turn.onMessage({ kind: 'inbox', records: [], isAnswer: true }));
  }

  /** Entries and what follows from them, until nothing is left to enter. */
  async drain(): Promise<this> {
    for (;;) {
      await settled();
      if (this.#entries > 0) {
        this.#entries -= 1;
        this.turn.onEntry();
      } else {
        const answer = this.#answers.shift();
        if (answer === undefined) return this;
        answer();
      }
    }
  }

  /** Time goes on, with every alarm on the way; a turn that was blocked and not held is followed by another one. */
  async pass(ms: number): Promise<this> {
    const end = this.time + ms;
    await this.drain();
    for (;;) {
      const last = this.messages.at(-1);
      const wakeAt = last?.kind === 'blocked' && !last.isHolding ? last.wakeAt : undefined;
      const next = this.alarmAt ?? wakeAt;
      if (next === undefined || next > end) break;
      this.time = Math.max(this.time, next);
      if (this.alarmAt === undefined) this.turn = this.#begin();
      else {
        this.alarmAt = undefined;
        this.turn.onAlarm();
      }
      await this.drain();
    }
    this.time = end;
    return this;
  }

  /** Records of the dispatcher's, appended beside the turn. */
  async beside(...records: readonly JournalRecord[]): Promise<this> {
    const first = this.journal.length;
    this.journal.push(...records);
    const loaded = records.map((record, index) => ({ position: first + index, record }));
    this.turn.onMessage({ kind: 'inbox', records: loaded });
    return this.drain();
  }

  event(eventType: string, payload?: string): Promise<this> {
    const seq = this.#nextSeq();
    return this.beside({
      kind: 'event_received',
      at: this.lastAt,
      seq,
      eventId: `event-${seq}`,
      eventType,
      acceptedAt: this.time,
      ...(payload === undefined ? {} : { payload }),
    });
  }

  /** What comes by the token of a step's attempt, with its encoded result or an error. */
  complete(name: string, outcome: StepOutcome, more: { readonly attempt?: number } = {}): Promise<this> {
    const { attempt = 1 } = more;
    const made = this.journal.findLast(
      (record) => record.kind === 'token_made' && record.step.name === name && record.attempt === attempt,
    );
    if (made?.kind !== 'token_made') throw new Error(`"${name}" has made no token`);
    return this.beside({
      kind: 'completion_received',
      step: made.step,
      ordinal: made.ordinal,
      attempt,
      tokenHash: made.hash,
      at: this.lastAt,
      seq: this.#nextSeq(),
      acceptedAt: this.time,
      digest: hashOf(0),
      outcome,
    });
  }

  #nextSeq(): number {
    return this.journal.reduce((last, record) => ('seq' in record ? Math.max(last, record.seq) : last), 0) + 1;
  }

  async answer(callId: number, value: string): Promise<this> {
    this.turn.onMessage({ kind: 'answer', callId, ok: true, value });
    return this.drain();
  }

  get lastAt(): number {
    return this.journal.at(-1)?.at ?? 0;
  }

  get calls(): readonly HostCall[] {
    return this.messages.filter((message) => message.kind === 'call');
  }

  /** Kinds of the messages so far, for the order of things. */
  get said(): readonly string[] {
    return this.messages.map(({ kind }) => kind);
  }

  /** Kinds of the journal's records, with their steps. */
  get story(): readonly string[] {
    return this.journal.map((record) => ('step' in record ? `${record.kind} ${record.step.name}` : record.kind));
  }

  get isFinished(): boolean {
    return this.messages.at(-1)?.kind === 'finished';
  }

  /** What `run()` gave. */
  get output(): unknown {
    const last = this.journal.at(-1);
    if (last?.kind !== 'completed') throw new Error(`It has not completed: ${JSON.stringify(this.journal.slice(-3))}`);
    return decode(last.output as string);
  }

  get error(): { readonly name: string; readonly message: string; readonly stack?: string } {
    const last = this.journal.at(-1);
    if (last?.kind !== 'errored') throw new Error(`It has not failed: ${JSON.stringify(this.journal.slice(-3))}`);
    return last.error;
  }
}

/** Runs a workflow, its time passing as far as it needs, and gives the turn. */
export const runOf = async (run: Run, more: Partial<TurnStart> = {}): Promise<HandTurn> =>
  new HandTurn(run, [], more).drain();

/** The same workflow once more from each place of its journal: what it gives must not depend on where it was cut. */
export const replaysOf = async (run: Run, journal: readonly JournalRecord[]): Promise<readonly HandTurn[]> => {
  const turns: HandTurn[] = [];
  for (let length = 1; length < journal.length; length++) {
    const turn = new HandTurn(run, journal.slice(0, length));
    await turn.drain();
    turns.push(turn);
  }
  return turns;
};

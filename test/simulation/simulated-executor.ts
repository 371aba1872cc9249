import { readGuestMessage } from '../../lib/executor/guest-message.ts';
import { deferInAttempt } from '../../lib/guest/deferred.ts';
import { makeEnv } from '../../lib/guest/env.ts';
import { Turn } from '../../lib/guest/turn.ts';
import type { Executor, Guest, GuestListener, GuestOptions } from '../../lib/ports/executor.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import type { FetchStart, GuestMessage, HostMessage, TurnStart } from '../../lib/ports/turn-messages.ts';
import type { WorkflowEntrypoint, WorkflowStepContext } from '../../lib/sdk/workers.ts';
import { hashToken } from '../../lib/service/deferred-token.ts';
import type { Actor } from './observer.ts';
import type { Process, Scheduler } from './scheduler.ts';

// biome-ignore lint/suspicious/noExplicitAny: each workflow has an `env` and a payload of its own
export type WorkflowClass = new (context: any, env: any) => WorkflowEntrypoint<any, any>;

/** What `env` holds beside the tenant's own: the globals that plain JavaScript cannot take from the turn. */
export interface TurnClock {
  now(): number;
  random(): number;
  delay(ms: number): Promise<void>;
}

export interface ExecutorParams {
  readonly scheduler: Scheduler;
  readonly host: Process;
  readonly latency: () => number;
  readonly findWorkflow: (tenant: string, version: string, workflow: string) => WorkflowClass;
  /** Whose turn this is, as the dispatcher claimed it. */
  readonly actorOf: (key: InstanceKey, seed: string) => Actor;
  readonly onStart: (actor: Actor, options: GuestOptions) => void;
  /** A guest never throws, whatever it is told. */
  readonly onBroken: (actor: Actor, error: unknown) => void;
  /** The turn is given up in favour of another one, which is no loss. */
  readonly onYield: (actor: Actor) => void;
  /** 256 bits, base64url. */
  readonly secret: () => string;
  readonly onCallback: (actor: Actor, step: { readonly name: string; readonly count: number }) => void;
}

/** Messages in one direction between two ends: late, and in order. */
class Channel {
  readonly #params: ExecutorParams;
  readonly #process: Process;
  readonly #label: string;
  readonly #deliver: (text: string) => void;
  readonly #texts: string[] = [];

  constructor(params: ExecutorParams, process: Process, label: string, deliver: (text: string) => void) {
    this.#params = params;
    this.#process = process;
    this.#label = label;
    this.#deliver = deliver;
  }

  send(message: GuestMessage | HostMessage): void {
    this.#texts.push(JSON.stringify(message));
    const { scheduler, latency } = this.#params;
    const label = scheduler.trace === undefined ? this.#label : `${this.#label} ${this.#texts.at(-1)}`;
    scheduler.after(latency(), this.#process, label, () => {
      const text = this.#texts.shift();
      if (text !== undefined) this.#deliver(text);
    });
  }
}

class SimulatedGuest implements Guest, Process {
  readonly name: string;
  readonly #params: ExecutorParams;
  readonly #listener: GuestListener;
  readonly #toGuest: Channel;
  readonly #toHost: Channel;
  readonly #actor: Actor;
  #turn: Turn | undefined;
  #isRunning = true;
  #isHeard = true;
  #cancelAlarm: () => void = () => {};
  readonly #onOver: () => void;

  constructor(
    params: ExecutorParams,
    options: GuestOptions,
    start: TurnStart,
    listener: GuestListener,
    onOver: () => void,
  ) {
    this.#params = params;
    this.#listener = listener;
    this.#onOver = onOver;
    this.#actor = params.actorOf(
      { tenant: options.tenant, workflow: start.workflowName, id: start.instanceId },
      start.seed,
    );
    this.name = `${params.host.name}/${start.instanceId}`;
    params.onStart(this.#actor, options);
    this.#toGuest = new Channel(params, this, 'to guest', (text) => this.#enter(() => this.#receive(text, options)));
    this.#toHost = new Channel(params, params.host, `from guest of ${start.instanceId}`, (text) => this.#tell(text));
    this.#toGuest.send(start);
  }

  get isAlive(): boolean {
    return this.#isRunning && this.#params.host.isAlive;
  }

  get stalledUntil(): number {
    return this.#params.host.stalledUntil;
  }

  send(message: HostMessage): void {
    this.#toGuest.send(message);
  }

  /** At once deaf for the host; the guest itself runs on for a moment. */
  end(): void {
    this.#isHeard = false;
    this.#params.scheduler.after(this.#params.latency(), this.#params.host, 'end guest', () => this.#stop());
  }

  /** Its executor is gone, and with it what it had not said yet. */
  lose(isGuilty: boolean): void {
    if (!this.#isRunning) return;
    this.#stop();
    if (!this.#isHeard) return;
    this.#isHeard = false;
    this.#params.scheduler.after(this.#params.latency(), this.#params.host, 'guest lost', () =>
      this.#listener.onTerminated({ cause: 'executor_lost', isGuilty, message: 'The executor was lost' }),
    );
  }

  #stop(): void {
    this.#isRunning = false;
    this.#onOver();
  }

  #tell(text: string): void {
    if (!this.#isHeard) return;
    const message = readGuestMessage(text);
    if (message === undefined) throw new Error(`The guest sent what the executor refuses: ${text}`);
    if (message.kind === 'yield') this.#params.onYield(this.#actor);
    if (message.kind === 'finished') {
      this.#isHeard = false;
      this.#stop();
    }
    this.#listener.onMessage(message);
  }

  #receive(text: string, options: GuestOptions): void {
    const message = JSON.parse(text) as HostMessage;
    if (message.kind === 'start_turn') this.#begin(message, options);
    else this.#turn?.onMessage(message);
  }

  #enter(entry: () => void): void {
    try {
      entry();
    } catch (error) {
      this.#params.onBroken(this.#actor, error);
    }
  }

  #begin(start: TurnStart, options: GuestOptions): void {
    const { scheduler } = this.#params;
    const turn = new Turn(start, {
      now: () => Math.floor(scheduler.now),
      post: (message) => this.#toHost.send(message),
      setAlarm: (at) => {
        this.#cancelAlarm();
        if (at === undefined) return;
        this.#cancelAlarm = scheduler.after(at - Math.floor(scheduler.now), this, 'alarm', () =>
          this.#enter(() => turn.onAlarm()),
        );
      },
      postEntry: () => void scheduler.after(0, this, 'entry', () => this.#enter(() => turn.onEntry())),
      makeToken: (prefix) => {
        const token = `${prefix}.${this.#params.secret()}`;
        return { token, hash: hashToken(token) };
      },
      mapStack: () => '',
    });
    this.#turn = turn;
    const clock: TurnClock = {
      now: () => turn.now(),
      random: () => turn.random.float(),
      delay: (ms) => new Promise((resolve) => turn.setTimer(ms, resolve, true)),
    };
    // The outside is told who calls, as a witness; tenant code neither sees it nor could change it.
    const env = makeEnv(
      start.env,
      (binding, method, args) => turn.call(binding, method, [...args, this.#actor]),
      (options) => deferInAttempt(turn, options),
    );
    const Workflow = this.#params.findWorkflow(options.tenant, options.version, start.workflowName);
    turn.begin(() => {
      const instance = new Workflow({}, { ...env, clock });
      return (event, step) => instance.run(event as never, this.#witness(step) as never);
    });
  }

  /** The same step, with somebody who counts callbacks. */
  #witness(step: object): object {
    const { do: call } = step as { do: (...args: unknown[]) => unknown };
    return {
      ...step,
      do: (...args: unknown[]) =>
        call(
          ...args.map((arg) =>
            typeof arg !== 'function'
              ? arg
              : (context: WorkflowStepContext) => {
                  if (this.#isHeard) this.#params.onCallback(this.#actor, context.step);
                  return arg(context);
                },
          ),
        ),
    };
  }
}

/** Guests in plain JavaScript: the same turn as in an isolate, with time in the scheduler's hand. */
export class SimulatedExecutor implements Executor {
  readonly #params: ExecutorParams;
  readonly #guests = new Set<SimulatedGuest>();

  constructor(params: ExecutorParams) {
    this.#params = params;
  }

  start(options: GuestOptions, start: TurnStart | FetchStart, listener: GuestListener): Guest {
    if (start.kind !== 'start_turn') throw new Error('The simulation has turns only');
    const guest: SimulatedGuest = new SimulatedGuest(this.#params, options, start, listener, () =>
      this.#guests.delete(guest),
    );
    this.#guests.add(guest);
    return guest;
  }

  /** As the supervisor tells it: whoever was alone is taken for the cause. */
  loseAll(): void {
    const isAlone = this.#guests.size === 1;
    for (const guest of [...this.#guests]) guest.lose(isAlone);
  }

  async inspect(): Promise<never> {
    throw new Error('The simulation inspects nothing');
  }

  async close(): Promise<void> {}
}

import type { HostMessage } from '../ports/turn-messages.ts';
import { type BundleFunction, LoadedBundle } from './bundle.ts';
import { ContextWatch } from './context-watch.ts';
import { deferInAttempt } from './deferred.ts';
import { makeEnv } from './env.ts';
import { RequestTurn } from './request.ts';
import { Turn } from './turn.ts';
import type { TurnHost } from './turn-host.ts';
import { text } from './values.ts';
import { installDeterministicGlobals } from './web/deterministic.ts';
import type { WebGate } from './web/gate.ts';
import { areGlobalsOurs, beginTurn, installGlobals } from './web/install.ts';
import { forbidCodeGeneration } from './web/no-eval.ts';
import { removeGlobals } from './web/remove.ts';

/** What the executor hands in when it makes a context; kept in closures, never on a global. */
interface Boot {
  readonly Reference: new (target: () => void) => { applyIgnored(receiver: undefined, args: []): void };
  readonly post: (message: string) => void;
  readonly setAlarm: (at: number) => void;
  readonly mapStack: (stack: string) => string;
  /** Real random bytes, as hex digits. */
  readonly entropy: (bytes: number) => string;
  /** A token behind this prefix and its hash, with a space between. */
  readonly makeToken: (prefix: string) => string;
}

/** How the executor enters: `message` for the turn in progress, or for a new one. */
type Enter = (kind: 'bundle' | 'message' | 'alarm' | 'inspect', argument?: unknown) => void;

// Taken before any tenant code runs, which may replace the globals that these come from.
const { parse: parseJson, stringify: stringifyJson } = JSON;
const realNow = Date.now;

const boot = ({ Reference, post, setAlarm, mapStack, entropy, makeToken }: Boot): Enter => {
  let current: Turn | RequestTurn | undefined;
  let evaluate: BundleFunction = () => {};

  let isContextDue = false;
  const tick = new Reference(() => {
    if (!isContextDue) return current?.onEntry();
    isContextDue = false;
    tellContext();
  });
  /** Tenant code may have broken what texts are made with: then the host gets one that it refuses, at once. */
  const tell = (message: object): void => {
    let told = 'null';
    try {
      told = stringifyJson(message);
    } catch {
      // Told as it is.
    }
    post(told);
  };
  const tellContext = (): void => tell({ kind: 'context', isClean: watch.isClean() && areGlobalsOurs(globalThis) });
  const host: TurnHost = {
    now: realNow,
    post: (message) => {
      // Nothing of the tenant's runs when a turn is blocked, and its end may come as soon as that is known.
      if (message.kind === 'blocked' || message.kind === 'rehearsed') tellContext();
      tell(message);
      if (message.kind === 'finished' || message.kind === 'response' || message.kind === 'fetch_failed') {
        // After whatever microtasks the tenant's code has left behind: then nothing of this turn runs any more.
        isContextDue = true;
        tick.applyIgnored(undefined, []);
      }
    },
    setAlarm: (at) => setAlarm(at ?? 0),
    postEntry: () => tick.applyIgnored(undefined, []),
    makeToken: (prefix) => {
      const [token = '', hash = ''] = makeToken(prefix).split(' ');
      return { token, hash };
    },
    mapStack,
  };

  const realBytes = (count: number): Uint8Array => {
    const out = new Uint8Array(count);
    const hex = entropy(count);
    for (let index = 0; index < count; index++) out[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
    return out;
  };
  const gate: WebGate = {
    now: () => current?.now() ?? realNow(),
    random: (count) =>
      current instanceof Turn && current.isDeterministic ? current.random.bytes(count) : realBytes(count),
    randomFloat: () => (current instanceof Turn && current.isDeterministic ? current.random.float() : realFloat()),
    setTimer: (ms, fire, holdsTurn) => current?.setTimer(ms, fire, holdsTurn) ?? 0,
    clearTimer: (id) => current?.clearTimer(id),
    isLogging: () => current?.isLogging === true,
    log: (level, line) => current?.log(level, line),
    call: (binding, method, args) => {
      if (current === undefined)
        return Promise.reject(new Error(`${binding} cannot be called while the bundle is loaded`));
      return current.call(binding, method, args);
    },
    report: () => {},
  };
  const realFloat = Math.random;
  removeGlobals(globalThis);
  installGlobals(globalThis, gate);
  installDeterministicGlobals(globalThis, gate);
  forbidCodeGeneration(globalThis);
  const watch = new ContextWatch(globalThis);

  const start = (message: HostMessage): void => {
    if (message.kind === 'start_turn') {
      beginTurn();
      const turn = new Turn(message, host);
      current = turn;
      const env = makeEnv(
        message.env,
        (binding, method, args) => turn.call(binding, method, args),
        (options) => deferInAttempt(turn, options),
      );
      turn.begin(() => new LoadedBundle(evaluate).makeRun(message.workflowName, env));
    } else if (message.kind === 'start_fetch') {
      beginTurn();
      const turn = new RequestTurn(host);
      current = turn;
      const env = makeEnv(
        message.env,
        (binding, method, args) => turn.call(binding, method, args),
        (options) => deferInAttempt(turn, options),
      );
      turn.begin(message, () => new LoadedBundle(evaluate).makeFetch(env));
    } else {
      current?.onMessage(message);
    }
  };

  const inspect = (): void => {
    try {
      const { workflows, hasFetch } = new LoadedBundle(evaluate);
      tell({ kind: 'inspected', workflows, hasFetch });
    } catch (error) {
      const stack = text(() => (error as Error).stack, '');
      const message = `${text(() => (error as Error).name, 'Error')}: ${text(() => (error as Error).message, '')}`;
      tell({ kind: 'inspect_failed', message, stack: stack === '' ? '' : mapStack(stack) });
    }
  };

  return (kind, argument) => {
    switch (kind) {
      case 'bundle':
        evaluate = argument as BundleFunction;
        return;
      case 'message':
        return start(parseJson(argument as string) as HostMessage);
      case 'alarm':
        return current?.onAlarm();
      case 'inspect':
        return inspect();
    }
  };
};

/** The executor takes this away before anything else is evaluated in the context. */
(globalThis as { $tenonBoot?: typeof boot }).$tenonBoot = boot;

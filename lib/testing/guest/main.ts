import { virtualTime } from './virtual-time.ts';
import '../../guest/main.ts';
import { mockedStep, type Step } from './mocked-step.ts';
import { type Mocks, NO_MOCKS, type TestStart } from './mocks.ts';

/** What the guest of production is booted with, and how it is entered: as `lib/guest/main.ts` has it. */
interface Boot {
  readonly Reference: new (target: () => void) => { applyIgnored(receiver: undefined, args: []): void };
  readonly post: (message: string) => void;
  readonly setAlarm: (at: number) => void;
}
type Enter = (kind: string, argument?: unknown) => void;
type Evaluate = (exports: object, guestModule: unknown, module: { exports: object }) => void;

const globals = globalThis as { $tenonBoot?: (boot: Boot) => Enter };
const boot = globals.$tenonBoot;
const { parse } = JSON;
/** Epoch ms, and long ago: the executor's alarm goes off at once. */
const AT_ONCE = 1;

let mocks: Mocks = NO_MOCKS;

/** The guest as it is, between virtual time on the one side and a step with mocks on the other. */
globals.$tenonBoot = (real) => {
  const lookAgain = (): void => {
    if (virtualTime.alarmAt !== undefined) real.setAlarm(AT_ONCE);
  };
  class Reference {
    readonly #real: InstanceType<Boot['Reference']>;
    constructor(target: () => void) {
      this.#real = new real.Reference(() => {
        virtualTime.onEntry();
        target();
        lookAgain();
      });
    }
    applyIgnored(receiver: undefined, args: []): void {
      virtualTime.onEntryAsked();
      this.#real.applyIgnored(receiver, args);
    }
  }
  const enter = boot?.({
    ...real,
    Reference,
    post: (message) => {
      virtualTime.onPost((parse(message) as { readonly kind?: string } | null)?.kind ?? '');
      real.post(message);
    },
    setAlarm: (at) => {
      virtualTime.setAlarm(at);
      lookAgain();
    },
  });
  return (kind, argument) => {
    if (kind === 'alarm' && !virtualTime.jump()) return;
    if (kind === 'message') begin(parse(argument as string) as { readonly kind: string; readonly test?: TestStart });
    enter?.(kind, kind === 'bundle' ? withMocks(argument as Evaluate) : argument);
    if (kind === 'message') lookAgain();
  };
};

const begin = (message: { readonly kind: string; readonly test?: TestStart }): void => {
  virtualTime.onMessage(message);
  if (message.test === undefined) return;
  virtualTime.begin(message.test.now);
  mocks = message.test.mocks;
};

/** Each evaluation makes its classes anew: their `run` gets a step with the mocks of the turn that it belongs to. */
const withMocks =
  (evaluate: Evaluate): Evaluate =>
  (exports, guestModule, module) => {
    evaluate(exports, guestModule, module);
    const prototypes = new Set(Object.values(module.exports).map((exported) => exported?.prototype));
    for (const prototype of prototypes) {
      const run: unknown = prototype?.run;
      if (typeof run !== 'function') continue;
      Object.defineProperty(prototype, 'run', {
        configurable: true,
        writable: true,
        value(event: unknown, step: Step) {
          return run.call(this, event, mockedStep(step, mocks));
        },
      });
    }
  };

import { readWake } from '../adapters/aws/sqs-wake-queue.ts';
import { clock, randomness } from '../adapters/node/system.ts';
import { readAskedWork } from '../bindings/sandbox.ts';
import { tellStep } from '../bindings/sandbox-outcome.ts';
import { completeDeferred } from '../service/complete-deferred.ts';
import { dispatchWakes } from '../service/dispatch-wakes.ts';
import { TurnRunner } from '../service/turn-runner.ts';
import {
  composeBase,
  composeBindings,
  composeGuests,
  composeMicroVms,
  composeQueue,
  composeSandbox,
  composeVault,
  type GuestOptions,
  hearOfThePast,
  runnerOptions,
  startDeadline,
  turnParts,
} from './parts.ts';
import { composeQueuedWork } from './queued-work.ts';
import { flushUnits, logError } from './told.ts';
import { composeTracing } from './tracing.ts';
import { CLOSING_MS } from './turn-limits.ts';

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
}

export interface Dispatcher {
  /** Does what messages ask for and gives the ids of those that have to come again. */
  dispatch(messages: readonly QueueMessage[], remainingMs: number): Promise<readonly string[]>;
}

export const composeDispatcher = (options: GuestOptions = {}): Dispatcher => {
  const { credentials, storage, usage, writeUsage, deps } = composeBase();
  const { tracing, flushSpans } = composeTracing();
  const wakes = composeQueue(credentials);
  const vault = composeVault(credentials);
  const tell = tellStep((completion) => completeDeferred({ ...deps, wakes }, completion), usage);
  const sandbox = composeSandbox(credentials, { blobs: storage.blobs, onEnd: tell });
  const guests = composeGuests(
    { ...deps, wakes, vault },
    { more: composeBindings(credentials, storage, options), sandbox },
  );
  const loading = turnParts(options);
  const microVms = composeMicroVms(credentials, storage);
  const turns = new TurnRunner(
    { ...deps, ...guests, ...loading.deps, ...tracing, wakes, vault },
    { ...runnerOptions(logError), ...loading.options, microVms: microVms === undefined ? 'missing' : 'offered' },
  );
  const queued = composeQueuedWork(credentials, {
    ...deps,
    ...guests,
    vault,
    wakes,
    ...(microVms !== undefined && { microVms }),
  });

  const startCommand = async (tenant: string, asked: unknown): Promise<void> => {
    const work = readAskedWork(tenant, asked);
    try {
      if (sandbox === undefined) throw new Error('There is no sandbox here');
      await sandbox.start(work);
    } catch (error) {
      logError(error, { tenant });
      const message = 'The sandbox could not be started.';
      await tell({ tenant, token: work.token, end: { kind: 'failed', reason: 'not_started', message } });
    }
  };

  return {
    dispatch: async (messages, remainingMs) => {
      await hearOfThePast();
      const endsAt = clock.now() + remainingMs - CLOSING_MS;
      turns.endBy(endsAt);
      const failed = new Set<string>();
      const found = messages.flatMap(({ id, body }) => {
        const wake = readWake(body);
        return wake === undefined ? [] : [{ id, wake }];
      });
      const { deadline, cancel } = startDeadline(remainingMs - CLOSING_MS / 2, () => turns.interrupt());
      const others = messages.map(({ id, body }) =>
        queued.run(body, { endsAt, deadline }).catch((error: unknown) => {
          logError(error);
          failed.add(id);
        }),
      );
      const undone = await dispatchWakes(
        { clock, randomness, tenants: deps.tenants, wakes, turns, microVms, usage, startCommand, onError: logError },
        { wakes: found.map(({ wake }) => wake), endsAt },
      );
      await Promise.all([...others, turns.idle()]);
      cancel();
      await Promise.all([writeUsage(), flushSpans()]);
      flushUnits();
      for (const [index, { id }] of found.entries()) if (undone.has(index)) failed.add(id);
      return [...failed];
    },
  };
};

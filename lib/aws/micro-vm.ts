import {
  type AskedWork,
  type MicroVmAnswers,
  type MicroVmCall,
  plainResponseOf,
  requestFrom,
} from '../adapters/aws/micro-vm-call.ts';
import { clock, randomness, timer } from '../adapters/node/system.ts';
import { Bindings } from '../bindings/binding-host.ts';
import { fetchBinding } from '../bindings/fetch/fetch-binding.ts';
import { queueBinding } from '../bindings/queue.ts';
import { sandboxBinding } from '../bindings/sandbox.ts';
import { workflowsBinding } from '../bindings/workflows.ts';
import type { Executor } from '../ports/executor.ts';
import type { Policy, PolicyStore } from '../ports/policy-store.ts';
import type { Sandbox, SandboxWork } from '../ports/sandbox.ts';
import type { Wake, WakeQueue } from '../ports/wake-queue.ts';
import type { Dependencies, FirstTurns } from '../service/dependencies.ts';
import { handOnFirstTurns } from '../service/handed-on-turns.ts';
import { createInstanceUseCases } from '../service/instance-use-cases.ts';
import { rehearse } from '../service/rehearse.ts';
import { TurnRunner } from '../service/turn-runner.ts';
import { GatheredUsage } from '../service/usage-meter.ts';
import { createWorkflowControl } from '../service/workflow-control.ts';
import {
  absent,
  composeBindings,
  composeStorage,
  composeVault,
  type GuestOptions,
  hearOfThePast,
  makeSupervisor,
  makeWatch,
  runnerOptions,
  startDeadline,
  takeCredentials,
  turnParts,
} from './parts.ts';
import { composeTracing } from './tracing.ts';
import { CLOSING_MS } from './turn-limits.ts';
import { isPrivateEgressAllowed } from './variables.ts';

export interface MicroVm {
  run(call: MicroVmCall, remainingMs: number): Promise<MicroVmAnswers[MicroVmCall['kind']]>;
}

/** In a tenant's own machine: all that is known here is what the call brings. */
export const composeMicroVm = (options: GuestOptions = {}): MicroVm => {
  takeCredentials();
  const executor = makeSupervisor({ hasOneTenant: true });
  const { tracing, flushSpans } = composeTracing();
  let own: (ReturnType<typeof composeTenant> & { readonly key: string }) | undefined;
  return {
    run: async (call, remainingMs) => {
      await hearOfThePast();
      const key = call.session.accessKeyId;
      if (own?.key !== key) {
        await own?.close();
        own = { key, ...composeTenant(call, { executor, tracing }, options) };
      }
      own.policies.take(call.policies);
      const { storage, turns, queue, sandbox, usage, problems } = own;
      switch (call.kind) {
        case 'turns': {
          turns.endBy(Math.min(call.endsAt, clock.now() + remainingMs - CLOSING_MS));
          const { cancel } = startDeadline(remainingMs - CLOSING_MS / 2, () => turns.interrupt());
          await Promise.all(call.wakes.map((wake) => turns.run(wake).catch((error) => problems.add(error))));
          await turns.idle();
          cancel();
          await flushSpans();
          return { asked: queue.take(), commands: sandbox.take(), used: usage.take(), problems: problems.take() };
        }
        case 'request': {
          const { tenant, path, traceId } = call;
          const { queue: later, handleTenantRequest } = own.requests;
          const response = await handleTenantRequest({
            tenant,
            request: requestFrom(call.request),
            path,
            ...(traceId !== undefined && { traceId }),
          });
          const plain = await plainResponseOf(response);
          return { ...plain, asked: later.take(), used: usage.take(), problems: problems.take() };
        }
        case 'rehearsal': {
          const summary = await storage.instances.get(call.key);
          if (summary === undefined) throw new Error('The instance is gone');
          return rehearse(own.requests.deps, { summary, version: call.version });
        }
        case 'inspect': {
          const [code, sourceMap] = await Promise.all([
            storage.blobs.get(call.code),
            storage.blobs.get(call.sourceMap),
          ]);
          const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
          return executor.inspect({ code: text(code), sourceMap: text(sourceMap) }, call.tenant);
        }
      }
    },
  };
};

const composeTenant = (
  { session, hasSandbox }: MicroVmCall,
  { executor, tracing }: { readonly executor: Executor; readonly tracing: Pick<Dependencies, 'tracer'> },
  options: GuestOptions,
) => {
  const policies = new BroughtPolicies();
  const storage = { ...composeStorage(session), policies };
  const problems = new Problems();
  // Told to the caller: what is charged is out of the tenant's own reach.
  const usage = new GatheredUsage(clock);
  const onError = (error: unknown, context?: { readonly traceId?: string }): void => problems.add(error, context);
  const watch = makeWatch(storage.instances, onError);
  const sandbox = new OwnSandbox();
  const egress = fetchBinding({ allowPrivateEgress: isPrivateEgressAllowed() });
  const base = {
    clock,
    timer,
    randomness,
    ...storage,
    vault: composeVault(session),
    watch,
    executor,
    usage,
    ...tracing,
  };
  /** What tenants' code reaches, where creations and wake-ups go so. */
  const reaching = (ways: Pick<Dependencies, 'wakes' | 'firstTurns'>, sandboxed: { readonly sandbox?: Sandbox }) => {
    const bindings = new Bindings(
      [egress, sandboxBinding({ randomness, ...sandboxed }), ...composeBindings(session, storage, options)],
      {
        onError: (error) => onError(error),
      },
    );
    const deps = {
      ...base,
      ...ways,
      bindings,
      uploads: absent<never>('uploads'),
      downloads: absent<never>('downloads'),
      compiler: absent<never>('compiler'),
      checkRuns: absent<never>('checks'),
    };
    const control = createWorkflowControl(deps);
    bindings.add(workflowsBinding(control));
    bindings.add(queueBinding(control));
    return deps;
  };

  const queue = new OwnQueue((wake) => void turns.run(wake).catch(onError));
  // Children are run here, too: they are of the same tenant.
  const firstTurns: FirstTurns = {
    offerLease: (...params) => turns.offerLease(...params),
    adopt: (summary) => turns.adopt(summary),
  };
  const loading = turnParts(options);
  const turns: TurnRunner = new TurnRunner(
    { ...reaching({ wakes: queue, firstTurns }, hasSandbox ? { sandbox } : {}), ...loading.deps },
    { ...runnerOptions(onError), ...loading.options },
  );
  // A request is answered when it is answered, and not when the turns have ended that it gave rise to.
  const later = new OwnQueue();
  const ofRequests = reaching({ wakes: later, firstTurns: handOnFirstTurns({ randomness, wakes: later }) }, {});
  const { handleTenantRequest } = createInstanceUseCases(ofRequests);

  const close = async (): Promise<void> => {
    watch.close();
    await egress.close?.();
  };
  return {
    storage,
    policies,
    turns,
    queue,
    sandbox,
    usage,
    problems,
    requests: { queue: later, deps: ofRequests, handleTenantRequest },
    close,
  };
};

/** Those that the call has brought: the operator's are out of the tenant's reach. */
class BroughtPolicies implements PolicyStore {
  #policies: readonly Policy[] = [];

  take(policies: readonly Policy[]): void {
    this.#policies = policies;
  }

  async list(): Promise<readonly Policy[]> {
    return this.#policies;
  }

  put(): Promise<never> {
    return Promise.reject(new Error("A tenant's machine sets no policies"));
  }

  remove(): Promise<never> {
    return Promise.reject(new Error("A tenant's machine removes no policies"));
  }
}

/** What is due at once may be run here; what comes later has to be asked for by whoever can. */
class OwnQueue implements WakeQueue {
  readonly #run: ((wake: Wake) => void) | undefined;
  #asked: Wake[] = [];

  /** `run`: what is due at once. */
  constructor(run?: (wake: Wake) => void) {
    this.#run = run;
  }

  async wake(wake: Wake): Promise<void> {
    if (wake.at === undefined && this.#run !== undefined) this.#run(wake);
    else this.#asked.push(wake);
  }

  take(): readonly Wake[] {
    return this.#asked.splice(0);
  }
}

/** Commands of steps: they are started by whoever may, when the turns have ended. */
class OwnSandbox implements Sandbox {
  #asked: AskedWork[] = [];

  async start(work: SandboxWork): Promise<void> {
    this.#asked.push(askedOf(work));
  }

  async removeTenant(): Promise<void> {
    this.#asked = [];
  }

  take(): readonly AskedWork[] {
    return this.#asked.splice(0);
  }
}

const askedOf = (work: SandboxWork): AskedWork => {
  const { kind, token } = work;
  switch (kind) {
    case 'command': {
      const { command, env, timeoutMs, workspace } = work;
      return { token, command, options: { env, timeout: timeoutMs, ...(workspace !== undefined && { workspace }) } };
    }
    case 'take':
      return { kind, token, workspace: work.workspace, options: { name: work.snapshot } };
    case 'restore':
      return { kind, token, snapshot: work.snapshot, options: { workspace: work.workspace } };
    case 'remove':
      return { kind, token, snapshot: work.snapshot };
    case 'list':
      return { kind, token };
  }
};

/** Errors in words, for a function that may write no log. */
class Problems {
  #texts: string[] = [];

  add(error: unknown, { traceId }: { readonly traceId?: string } = {}): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#texts.push(traceId === undefined ? text : `${text} (trace ${traceId})`);
  }

  take(): readonly string[] {
    return this.#texts.splice(0);
  }
}

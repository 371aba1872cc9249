import { encodeValue } from '../bindings/values.ts';
import { workflowsBinding } from '../bindings/workflows.ts';
import { parseDuration } from '../core/durations.ts';
import { createInstance } from '../service/create-instance.ts';
import { createWorkflowControl } from '../service/workflow-control.ts';
import { NO_MOCKS } from './guest/mocks.ts';
import { GatheredMocks, type WorkflowModifier } from './modifier.ts';
import { objectBinding, type TestEnv, type TestFetch, testFetchBinding } from './test-env.ts';
import { TestInstance } from './test-instance.ts';
import { openTestService, TENANT, type TestService } from './test-service.ts';
import { type TestSource, upload } from './upload.ts';

export interface TestWorkflowOptions {
  readonly source: TestSource;
  /** The exported class. @default the only one */
  readonly workflow?: string;
  /** Variables as texts, bindings as objects of functions. @default nothing but WORKFLOWS */
  readonly env?: TestEnv;
  /** @default every call is refused */
  readonly fetch?: TestFetch;
  /** Where virtual time begins. @default 2030-01-01 */
  readonly startsAt?: Date;
}

/** Virtual time, for tests that move it themselves. */
export interface TestClock {
  now(): Date;
  /** Through all that is due meanwhile. @param duration milliseconds, or a text such as "3 days" */
  advance(duration: number | string): Promise<void>;
  /** The same. @throws RangeError for a moment in the past */
  setTime(moment: Date): Promise<void>;
}

/** One workflow of a tenant, on the engine and in the isolates of production, with time in the test's hand. */
export class TestWorkflow implements AsyncDisposable {
  readonly name: string;
  readonly clock: TestClock;
  readonly #service: TestService;
  readonly #known: Map<string, TestInstance>;
  #ofAll = new GatheredMocks();

  constructor(params: {
    readonly name: string;
    readonly service: TestService;
    readonly known: Map<string, TestInstance>;
  }) {
    this.name = params.name;
    this.#service = params.service;
    this.#known = params.known;
    this.clock = clockOf(params.service);
  }

  /** @param options.id @default a random one @param options.params the payload */
  async create(options: { readonly id?: string; readonly params?: unknown } = {}): Promise<TestInstance> {
    const { deps } = this.#service;
    const instance = this.instance(options.id ?? deps.randomness.id());
    await createInstance(deps, {
      tenant: TENANT,
      workflow: this.name,
      id: instance.id,
      source: 'api',
      ...(options.params === undefined ? {} : { params: encodeValue(options.params) }),
    });
    for (const event of instance.mocks.events) await instance.sendEvent(event);
    return instance;
  }

  /** The one of that id, whether it is created already or shall be. */
  instance(id: string): TestInstance {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const instance = new TestInstance({
      service: this.#service,
      workflow: this.name,
      id,
      mocks: new GatheredMocks(this.#ofAll),
      onDispose: () => this.#known.delete(id),
    });
    this.#known.set(id, instance);
    return instance;
  }

  /** For every instance that is first named after this. */
  async modifyAll(change: (modifier: WorkflowModifier) => Promise<void> | void): Promise<void> {
    const mocks = new GatheredMocks(this.#ofAll);
    await change(mocks);
    this.#ofAll = mocks;
  }

  /** Ends the engine and its processes. */
  async dispose(): Promise<void> {
    await this.#service.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/**
 * Uploads a tenant's source to an engine of its own.
 * @throws Error where the source is refused, or has several workflows and none is named
 */
export const testWorkflow = async (options: TestWorkflowOptions): Promise<TestWorkflow> => {
  const known = new Map<string, TestInstance>();
  const service = await openTestService({
    startsAt: (options.startsAt ?? new Date('2030-01-01T00:00:00Z')).getTime(),
    mocksOf: ({ instanceId, workflowName }) =>
      workflowName === name ? (known.get(instanceId)?.mocks.mocks ?? NO_MOCKS) : NO_MOCKS,
  });
  let name = '';
  try {
    await makeTenant(service, options);
    name = chosen(await upload(service, options.source), options.workflow);
    return new TestWorkflow({ name, service, known });
  } catch (error) {
    await service.close();
    throw error;
  }
};

/** An instance to be modified before it is created, under the name that Cloudflare's tests know. */
export const introspectWorkflowInstance = async (workflow: TestWorkflow, id: string): Promise<TestInstance> =>
  workflow.instance(id);

const makeTenant = async ({ deps, bindings }: TestService, { env = {}, fetch }: TestWorkflowOptions): Promise<void> => {
  const createdAt = deps.clock.now();
  await deps.tenants.createTenant(
    {
      id: TENANT,
      isolation: 'isolate',
      limits: { createPerSecond: 1_000_000 },
      egress: 'none',
      suspended: false,
      createdAt,
    },
    { keyId: 'none', tenant: TENANT, hash: '', createdAt },
  );
  bindings.add(testFetchBinding(fetch));
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') await deps.tenants.putEnv(TENANT, { name, value, isSecret: false });
    else bindings.add(objectBinding(name, value));
  }
  if (!('WORKFLOWS' in env)) bindings.add(workflowsBinding(createWorkflowControl(deps)));
};

const chosen = (names: readonly string[], wanted: string | undefined): string => {
  const only = names.length === 1 ? names[0] : undefined;
  const name = wanted === undefined ? only : names.find((one) => one === wanted);
  if (name !== undefined) return name;
  throw new Error(
    wanted === undefined
      ? `The source exports several workflows (${names.join(', ')}): say which one is meant`
      : `The source exports no workflow ${wanted}; it exports ${names.join(', ') || 'none'}`,
  );
};

const clockOf = ({ clock, time }: TestService): TestClock => ({
  now: () => new Date(clock.now()),
  advance: async (duration) => {
    const parsed = parseDuration(duration);
    if (!parsed.ok) throw new TypeError(parsed.problem);
    await time.goOnTo(clock.now() + parsed.ms);
  },
  setTime: async (moment) => {
    const at = moment.getTime();
    if (!(at >= clock.now())) throw new RangeError('Virtual time does not go back');
    await time.goOnTo(at);
  },
});

type Call = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** A handle on one instance. It holds no state: each call asks the platform. */
const makeHandle = (call: Call, workflow: string | null, id: string): object => {
  const on = (method: string) => (options?: unknown) => call(method, [workflow, id, options]);
  return Object.freeze({
    id,
    status: on('status'),
    pause: on('pause'),
    resume: on('resume'),
    terminate: on('terminate'),
    restart: on('restart'),
    sendEvent: on('sendEvent'),
    delete: on('delete'),
    subscribe: async (options?: unknown) => subscription(call, [workflow, id], options),
  });
};

interface Told {
  readonly events: readonly unknown[];
  readonly cursor: string;
  readonly done: boolean;
}

/** Events of an instance one by one, each as soon as there is one; what is asked for with `options` is checked by the host. */
const subscription = async (call: Call, of: readonly unknown[], options: unknown): Promise<object> => {
  let ready: unknown[] = [];
  let isOver = false;
  let after: Readonly<Record<string, unknown>> = {};
  const ask = async (waitMs: number): Promise<void> => {
    const told = (await call('events', [...of, options, { ...after, waitMs }])) as Told;
    ready = [...told.events];
    after = { cursor: told.cursor };
    isOver = told.done;
  };
  // A mistake in the options, or an instance that is not there, is told here.
  await ask(0);
  const end = (): void => {
    isOver = true;
    ready = [];
  };
  return {
    async next() {
      while (ready.length === 0 && !isOver) await ask(EVENT_WAIT_MS);
      return ready.length === 0 ? { done: true, value: undefined } : { done: false, value: ready.shift() };
    },
    return: async () => {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.dispose]: end,
  };
};

/** How long the platform is asked to wait for the next event; then it is asked again. */
const EVENT_WAIT_MS = 10_000;

type Batch = readonly unknown[] | { readonly created: readonly unknown[]; readonly errors: readonly unknown[] };

const idOf = (created: unknown): string => (created as { readonly id: string }).id;

/** An error as such is told by its name and message, which is all that a step is failed with. */
const shownOutcome = (outcome: unknown): unknown => {
  const error = (outcome as { readonly error?: unknown } | null | undefined)?.error;
  return error instanceof Error ? { error: { name: error.name, message: error.message } } : outcome;
};

/** `env.WORKFLOWS`: the `Workflow` binding of the bundle's workflow; `for(name)` gives another one's. */
export const makeWorkflows = (call: Call, workflow: string | null = null): object =>
  Object.freeze({
    async create(options?: unknown) {
      return makeHandle(call, workflow, idOf(await call('create', [workflow, options])));
    },
    async createBatch(batch: unknown) {
      const handleOf = (created: unknown) => makeHandle(call, workflow, idOf(created));
      const result = (await call('createBatch', [workflow, batch])) as Batch;
      // The array form gives what was made; the object form also says what was not.
      if (!('created' in result)) return result.map(handleOf);
      return { created: result.created.map(handleOf), errors: result.errors };
    },
    async get(id: string) {
      return makeHandle(call, workflow, idOf(await call('get', [workflow, id])));
    },
    deleteBatch: (ids: unknown) => call('deleteBatch', [workflow, ids]),
    complete: (token: unknown, outcome: unknown) => call('complete', [token, shownOutcome(outcome)]),
    for: (name: string) => makeWorkflows(call, name),
  });

import * as workers from '../sdk/workers.ts';
import * as workflows from '../sdk/workflows.ts';

/** The tenant's script, as one function: calling it evaluates the bundle anew. */
export type BundleFunction = (
  exports: object,
  guestModule: (name: string) => unknown,
  module: { exports: object },
) => void;

const MODULES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['cloudflare:workers', workers],
  ['tenon:workers', workers],
  ['cloudflare:workflows', workflows],
  ['tenon:workflows', workflows],
]);

const guestModule = (name: string): unknown => {
  if (MODULES.has(name)) return MODULES.get(name);
  throw new Error(`Cannot find module "${name}"`);
};

type Constructor = new (context: object, env: object) => object;

/** A bundle evaluated once: no module variable of an earlier turn is in it. */
export class LoadedBundle {
  readonly #exports: Record<string, unknown>;

  constructor(evaluate: BundleFunction) {
    const module = { exports: {} };
    evaluate(module.exports, guestModule, module);
    this.#exports = module.exports as Record<string, unknown>;
  }

  /** Names of the exported classes that extend `WorkflowEntrypoint`. */
  get workflows(): readonly string[] {
    return Object.keys(this.#exports).filter((name) => name !== 'default' && isWorkflow(this.#exports[name]));
  }

  get hasFetch(): boolean {
    return this.#fetchHandler() !== undefined;
  }

  makeRun(workflow: string, env: object): (event: object, step: object) => unknown {
    const Class = this.#exports[workflow];
    if (!isWorkflow(Class)) throw new Error(`The bundle exports no workflow named "${workflow}"`);
    const instance = new Class(context(), env) as { run(event: object, step: object): unknown };
    return (event, step) => instance.run(event, step);
  }

  makeFetch(env: object): (request: Request) => unknown {
    const handler = this.#fetchHandler();
    if (handler === undefined) throw new Error('The bundle exports no default.fetch');
    return (request) => handler(request, env, context());
  }

  #fetchHandler(): ((request: Request, env: object, context: object) => unknown) | undefined {
    const exported: unknown = this.#exports.default;
    if (typeof exported === 'function') {
      const Class = exported as new (context: object, env: object) => { fetch(request: Request): unknown };
      if (typeof (Class.prototype as { fetch?: unknown } | undefined)?.fetch !== 'function') return undefined;
      return (request, env, ctx) => new Class(ctx, env).fetch(request);
    }
    if (typeof exported !== 'object' || exported === null) return undefined;
    const { fetch } = exported as { fetch?: (request: Request, env: object, context: object) => unknown };
    if (typeof fetch !== 'function') return undefined;
    return (request, env, ctx) => fetch.call(exported, request, env, ctx);
  }
}

const isWorkflow = (value: unknown): value is Constructor =>
  typeof value === 'function' && value.prototype instanceof workers.WorkflowEntrypoint;

/** `this.ctx`: nothing outlives a turn, so what is handed to `waitUntil` runs as long as the turn does. */
const context = (): object => ({ waitUntil: () => {}, passThroughOnException: () => {}, props: {} });

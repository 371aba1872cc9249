import { QUEUE_WORKFLOW } from '../core/replay/queue-rules.ts';
import * as workers from '../sdk/workers.ts';
import * as workflows from '../sdk/workflows.ts';
import { queueRun } from './queue.ts';

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

  /** Names of the exported classes that extend `WorkflowEntrypoint`, and that of the queue's where its handler is exported. */
  get workflows(): readonly string[] {
    const classes = Object.keys(this.#exports).filter((name) => name !== 'default' && isWorkflow(this.#exports[name]));
    return this.#handler('queue') === undefined ? classes : [...new Set([...classes, QUEUE_WORKFLOW])];
  }

  get hasFetch(): boolean {
    return this.#handler('fetch') !== undefined;
  }

  makeRun(workflow: string, env: object): (event: object, step: object) => unknown {
    const onMessages = workflow === QUEUE_WORKFLOW ? this.#handler('queue') : undefined;
    if (onMessages !== undefined) return queueRun((batch) => onMessages(batch, env, context()));
    const Class = this.#exports[workflow];
    if (!isWorkflow(Class)) throw new Error(`The bundle exports no workflow named "${workflow}"`);
    const instance = new Class(context(), env) as { run(event: object, step: object): unknown };
    return (event, step) => instance.run(event, step);
  }

  makeFetch(env: object): (request: Request) => unknown {
    const handler = this.#handler('fetch');
    if (handler === undefined) throw new Error('The bundle exports no default.fetch');
    return (request) => handler(request, env, context());
  }

  /** Of the default export, be it an object or a class. */
  #handler(name: 'fetch' | 'queue'): Handler | undefined {
    const exported: unknown = this.#exports.default;
    if (typeof exported === 'function') {
      const Class = exported as new (context: object, env: object) => Readonly<Record<string, Handler>>;
      if (typeof (Class.prototype as Readonly<Record<string, unknown>> | undefined)?.[name] !== 'function')
        return undefined;
      return (argument, env, ctx) => {
        const made = new Class(ctx, env);
        return made[name]?.(argument, env, ctx);
      };
    }
    if (typeof exported !== 'object' || exported === null) return undefined;
    const handler = (exported as Readonly<Record<string, unknown>>)[name];
    if (typeof handler !== 'function') return undefined;
    return (argument, env, ctx) => handler.call(exported, argument, env, ctx);
  }
}

type Handler = (argument: object, env: object, context: object) => unknown;

const isWorkflow = (value: unknown): value is Constructor =>
  typeof value === 'function' && value.prototype instanceof workers.WorkflowEntrypoint;

/** `this.ctx`: nothing outlives a turn, so what is handed to `waitUntil` runs as long as the turn does. */
const context = (): object => ({ waitUntil: () => {}, passThroughOnException: () => {}, props: {} });

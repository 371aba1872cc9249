import { type Metadata, wrapParams } from '../core/envelope.ts';
import type { BatchOptions, CreateOptions, WorkflowBinding } from './workflow-binding.ts';
import { type WrappedHandle, wrapHandle } from './wrapped-handle.ts';

export interface DynamicWorkflowProps {
  /** A routing hint that is persisted with each instance and that its tenant can read: no secrets, no authorization. */
  readonly metadata: Metadata;
  /** @default 'WORKFLOWS' */
  readonly bindingName?: string;
}

export const DEFAULT_BINDING_NAME = 'WORKFLOWS';

/**
 * A `Workflow` binding for one tenant: puts the tenant's metadata beside the params of every instance that it creates. It
 * is built as Workers build an entrypoint, of `ctx.props` and of the dispatcher's `env`, in which the binding that it
 * wraps is looked up at each call.
 */
export class DynamicWorkflowBinding {
  readonly #metadata: Metadata;
  readonly #bindingName: string;
  readonly #env: Readonly<Record<string, unknown>>;

  /** @throws TypeError for metadata that JSON cannot hold */
  constructor(ctx: { readonly props: DynamicWorkflowProps }, env: object) {
    this.#metadata = keep(ctx.props.metadata);
    this.#bindingName = ctx.props.bindingName ?? DEFAULT_BINDING_NAME;
    this.#env = env as Readonly<Record<string, unknown>>;
  }

  async create(options?: CreateOptions): Promise<WrappedHandle> {
    return wrapHandle(await this.#binding().create(this.#wrap(options)));
  }

  /** A list gives a list of handles; `{ count, params? }` and `{ instances }` give `{ created, errors }`. */
  createBatch(batch: readonly CreateOptions[]): Promise<WrappedHandle[]>;
  createBatch(
    batch: Exclude<BatchOptions, readonly CreateOptions[]>,
  ): Promise<{ readonly created: WrappedHandle[]; readonly errors: readonly unknown[] }>;
  async createBatch(batch: BatchOptions): Promise<unknown> {
    const result = await this.#binding().createBatch(this.#wrapBatch(batch));
    if (!('created' in result)) return Promise.all(result.map(wrapHandle));
    return { ...result, created: await Promise.all(result.created.map(wrapHandle)) };
  }

  async get(id: string): Promise<WrappedHandle> {
    return wrapHandle(await this.#binding().get(id));
  }

  async deleteBatch(ids: readonly string[]): Promise<unknown> {
    const binding = this.#binding();
    if (binding.deleteBatch === undefined) throw new TypeError('The wrapped Workflow binding has no deleteBatch().');
    return binding.deleteBatch(ids);
  }

  /** Whatever the params look like: an envelope that a tenant made is params of the tenant's and nothing more. */
  #wrap<O extends CreateOptions>(options: O | undefined): O & { readonly params: unknown } {
    return { ...(options as O), params: wrapParams(this.#metadata, options?.params) };
  }

  #wrapBatch(batch: BatchOptions): BatchOptions {
    if (Array.isArray(batch)) return batch.map((options: CreateOptions) => this.#wrap(options));
    if ('instances' in batch && batch.instances !== undefined) {
      const { instances, ...others } = batch as { readonly instances: readonly CreateOptions[] };
      return { ...others, instances: instances.map((options) => this.#wrap(options)) };
    }
    return this.#wrap(batch as CreateOptions & { readonly count: number });
  }

  #binding(): WorkflowBinding {
    const binding = this.#env[this.#bindingName];
    if (binding instanceof DynamicWorkflowBinding) {
      throw new TypeError(
        `env.${this.#bindingName} is a wrapped binding already: wrapping it again would put one envelope into another. Wrap the dispatcher's own Workflow binding.`,
      );
    }
    if (!isWorkflowBinding(binding)) {
      throw new TypeError(
        `env.${this.#bindingName} is no Workflow binding. Give the dispatcher one under this name, or say which with the option bindingName of wrapWorkflowBinding().`,
      );
    }
    return binding;
  }
}

const isWorkflowBinding = (value: unknown): value is WorkflowBinding =>
  typeof value === 'object' && value !== null && typeof (value as { create?: unknown }).create === 'function';

/** The metadata as it will be persisted, cut loose from an object that its owner may go on changing. */
const keep = (metadata: Metadata): Metadata => {
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  const text = isObject ? toJson(metadata) : undefined;
  if (text === undefined) throw new TypeError('The metadata of a wrapped binding is an object that JSON can hold.');
  return Object.freeze(JSON.parse(text) as Metadata);
};

const toJson = (value: object): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
};

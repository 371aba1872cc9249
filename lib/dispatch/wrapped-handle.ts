import type { WorkflowHandle } from './workflow-binding.ts';

/**
 * A handle as tenant code gets it: the calls of the handle inside with all that they are given, and no way to the rest of
 * it. `id` is text, so that it reads the same plainly and awaited.
 */
export class WrappedHandle {
  readonly id: string;
  readonly #inner: WorkflowHandle;

  constructor(id: string, inner: WorkflowHandle) {
    this.id = id;
    this.#inner = inner;
  }

  status(...options: unknown[]): Promise<unknown> {
    return this.#inner.status(...options);
  }

  pause(...options: unknown[]): Promise<unknown> {
    return this.#inner.pause(...options);
  }

  resume(...options: unknown[]): Promise<unknown> {
    return this.#inner.resume(...options);
  }

  terminate(...options: unknown[]): Promise<unknown> {
    return this.#inner.terminate(...options);
  }

  restart(...options: unknown[]): Promise<unknown> {
    return this.#inner.restart(...options);
  }

  sendEvent(...options: unknown[]): Promise<unknown> {
    return this.#inner.sendEvent(...options);
  }

  async delete(...options: unknown[]): Promise<unknown> {
    if (this.#inner.delete === undefined) throw missing('delete');
    return this.#inner.delete(...options);
  }

  async subscribe(...options: unknown[]): Promise<unknown> {
    if (this.#inner.subscribe === undefined) throw missing('subscribe');
    return this.#inner.subscribe(...options);
  }
}

export const wrapHandle = async (inner: WorkflowHandle): Promise<WrappedHandle> =>
  new WrappedHandle(await inner.id, inner);

const missing = (method: string): TypeError =>
  new TypeError(`The handles of the wrapped Workflow binding have no ${method}().`);

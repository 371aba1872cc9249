import type { BatchOptions, CreateOptions, WorkflowBinding, WorkflowHandle } from '../../lib/dispatch/index.ts';

export interface Recorded {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A Workflow binding in plain JavaScript that writes down what reaches it. */
export class RecordingBinding implements WorkflowBinding {
  readonly calls: Recorded[] = [];
  #made = 0;

  async create(options?: CreateOptions): Promise<WorkflowHandle> {
    this.calls.push({ method: 'create', args: [options] });
    return this.handle(options?.id ?? this.#nextId());
  }

  async createBatch(batch: BatchOptions) {
    this.calls.push({ method: 'createBatch', args: [batch] });
    if (Array.isArray(batch)) return batch.map(({ id }: CreateOptions) => this.handle(id ?? this.#nextId()));
    const count = 'count' in batch ? Number(batch.count) : 1;
    return { created: Array.from({ length: count }, () => this.handle(this.#nextId())), errors: ['one error'] };
  }

  async get(id: string): Promise<WorkflowHandle> {
    this.calls.push({ method: 'get', args: [id] });
    return this.handle(id);
  }

  async deleteBatch(ids: readonly string[]) {
    this.calls.push({ method: 'deleteBatch', args: [ids] });
    return { deleted: ids.map((id) => ({ id })), errors: [] };
  }

  handle(id: string): WorkflowHandle {
    const record =
      (method: string) =>
      async (...args: unknown[]) => {
        this.calls.push({ method, args });
        return `${method} of ${id}`;
      };
    return {
      id,
      status: record('status'),
      pause: record('pause'),
      resume: record('resume'),
      terminate: record('terminate'),
      restart: record('restart'),
      sendEvent: record('sendEvent'),
      delete: record('delete'),
      subscribe: record('subscribe'),
    };
  }

  /** The params of the nth creation. */
  paramsOf(call: number): unknown {
    return (this.calls.at(call)?.args[0] as CreateOptions | undefined)?.params;
  }

  #nextId(): string {
    this.#made += 1;
    return `made-${this.#made}`;
  }
}

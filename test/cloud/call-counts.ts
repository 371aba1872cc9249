/** Calls of one kind by one caller. */
export interface CallCount {
  readonly service: string;
  readonly action: string;
  /** Name of the role. */
  readonly principal: string;
  readonly calls: number;
  /** Of those, how many were answered with an error. */
  readonly errors: number;
}

/** What a deployment would be billed for, call by call. */
export class CallCounts {
  #counts = new Map<string, CallCount>();

  add(call: {
    readonly service: string;
    readonly action: string;
    readonly principal: string;
    readonly isError: boolean;
  }) {
    const { isError, ...kind } = call;
    const name = JSON.stringify(kind);
    const { calls, errors } = this.#counts.get(name) ?? { calls: 0, errors: 0 };
    this.#counts.set(name, { ...kind, calls: calls + 1, errors: errors + Number(isError) });
  }

  all(): readonly CallCount[] {
    return [...this.#counts.values()];
  }

  /** Gives what was counted since the last time, and begins anew. */
  take(): readonly CallCount[] {
    const taken = this.all();
    this.#counts = new Map();
    return taken;
  }
}

import type { CallFault, DeliveryFault, Faults, InvocationFault } from '../contract.ts';

/** How often something goes wrong, of 1,000 calls, deliveries or invocations. */
export interface FaultRates {
  readonly calls: Readonly<Record<string, Partial<Readonly<Record<CallFault, number>>>>>;
  readonly messages: Readonly<Record<DeliveryFault['kind'], number>>;
  readonly schedules: Readonly<Record<DeliveryFault['kind'], number>>;
  /** By the beginning of the function's logical id. */
  readonly invocations: Readonly<Record<string, Readonly<Record<InvocationFault['kind'], number>>>>;
}

export const RATES: FaultRates = {
  calls: {
    dynamodb: { throttle: 8, unavailable: 4, lost_answer: 8 },
    sqs: { throttle: 20, unavailable: 10, lost_answer: 20 },
    s3: { throttle: 20, unavailable: 20, lost_answer: 10, conflict: 0 },
    scheduler: { throttle: 100, unavailable: 50, lost_answer: 50, conflict: 50 },
    // An invocation that was done and whose answer got lost costs a message's whole visibility.
    lambda: { throttle: 40, unavailable: 10, lost_answer: 5 },
    kms: { throttle: 50, unavailable: 20 },
    sts: { throttle: 50, unavailable: 20, lost_answer: 20 },
  },
  messages: { duplicate: 100, lose: 30, delay: 100 },
  schedules: { duplicate: 250, lose: 100, delay: 250 },
  invocations: {
    Dispatcher: { kill: 25, time_out: 10 },
    TenantIsolationExecutor: { kill: 20, time_out: 10 },
    FrontDoor: { kill: 5, time_out: 3 },
    Sweeper: { kill: 50, time_out: 50 },
  },
};

const LONGEST_DELAY_MS = 3_000;
const LONGEST_LIFE_MS = 1_500;

/** Faults drawn from a seed. What meets them depends on the machine's own timing: a seed gives the mix, not the run. */
export class SeededFaults implements Faults {
  readonly #rates: FaultRates;
  #state: number;
  #isOn = false;
  readonly #counts = new Map<string, number>();

  constructor(seed: number, rates: FaultRates = RATES) {
    this.#state = seed >>> 0;
    this.#rates = rates;
  }

  /** By kind. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  turn(isOn: boolean): void {
    this.#isOn = isOn;
  }

  ofCall(service: string): CallFault | undefined {
    const kind = this.#draw(this.#rates.calls[service] ?? {});
    if (kind !== undefined) this.#count(`${service} ${kind}`);
    return kind;
  }

  ofDelivery(what: 'message' | 'schedule'): DeliveryFault | undefined {
    const kind = this.#draw(what === 'message' ? this.#rates.messages : this.#rates.schedules);
    if (kind === undefined) return undefined;
    this.#count(`${what} ${kind}`);
    return kind === 'delay' ? { kind, ms: Math.floor(this.#next() * LONGEST_DELAY_MS) } : { kind };
  }

  ofInvocation(functionLogicalId: string): InvocationFault | undefined {
    const rates = Object.entries(this.#rates.invocations).find(([prefix]) => functionLogicalId.startsWith(prefix))?.[1];
    const kind = this.#draw(rates ?? {});
    if (kind === undefined) return undefined;
    this.#count(`function ${kind}`);
    return { kind, afterMs: 20 + Math.floor(this.#next() * LONGEST_LIFE_MS) };
  }

  #draw<Kind extends string>(rates: Partial<Readonly<Record<Kind, number>>>): Kind | undefined {
    if (!this.#isOn) return undefined;
    let left = this.#next() * 1_000;
    for (const [kind, rate] of Object.entries(rates) as [Kind, number][]) {
      left -= rate;
      if (left < 0) return kind;
    }
    return undefined;
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Mulberry32: 0 to 1. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

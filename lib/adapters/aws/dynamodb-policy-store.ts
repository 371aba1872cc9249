import type { Clock } from '../../ports/clock.ts';
import type { Policy, PolicyStore } from '../../ports/policy-store.ts';
import type { Timer } from '../../ports/timer.ts';
import { textIn } from './dynamodb-attributes.ts';
import { POLICIES } from './dynamodb-keys.ts';
import type { DynamoTable } from './dynamodb-table.ts';

const IS_THERE = { text: 'attribute_exists(#pk)' };
/** A process goes by what it has read for so long: ten thousand turns a second may not all read one partition. */
const KNOWN_FOR_MS = 1_000;

/** One row a policy, in a partition of their own. A change is told as made when no process goes by what was before. */
export class DynamoPolicyStore implements PolicyStore {
  readonly #table: DynamoTable;
  readonly #clock: Clock;
  readonly #timer: Timer;
  #known: { readonly at: number; readonly policies: Promise<readonly Policy[]> } | undefined;

  constructor(table: DynamoTable, { clock, timer }: { readonly clock: Clock; readonly timer: Timer }) {
    this.#table = table;
    this.#clock = clock;
    this.#timer = timer;
  }

  async put(policy: Policy): Promise<void> {
    await this.#table.put({ pk: POLICIES, sk: policy.name, body: JSON.stringify(policy) });
    await this.#untilForgotten();
  }

  list(): Promise<readonly Policy[]> {
    const now = this.#clock.now();
    if (this.#known === undefined || now - this.#known.at >= KNOWN_FOR_MS) {
      // From before it is read on, so that nothing older is gone by for longer.
      const known = { at: now, policies: this.#read() };
      this.#known = known;
      known.policies.catch(() => {
        if (this.#known === known) this.#known = undefined;
      });
    }
    return this.#known.policies;
  }

  async remove(name: string): Promise<boolean> {
    const { kind } = await this.#table.delete({ pk: POLICIES, sk: name }, IS_THERE);
    await this.#untilForgotten();
    return kind === 'done';
  }

  async #read(): Promise<readonly Policy[]> {
    const policies: Policy[] = [];
    const condition = { text: '#pk = :pk', values: { pk: POLICIES } };
    for await (const row of this.#table.query({ condition })) policies.push(JSON.parse(textIn(row, 'body')) as Policy);
    return policies;
  }

  async #untilForgotten(): Promise<void> {
    await new Promise<void>((resolve) => this.#timer.after(KNOWN_FOR_MS, resolve));
    this.#known = undefined;
  }
}

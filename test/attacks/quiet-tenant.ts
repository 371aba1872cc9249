import assert from 'node:assert/strict';
import { pause, type TenantWorld, type World, workflow } from '../conformance/world.ts';

const REST_MS = 50;
const STEPS = workflow(
  "let sum = 0; for (let n = 1; n <= 5; n++) sum = await step.do('add ' + n, async () => sum + n); return sum;",
);

/** A tenant that asks for a little all the time, and for which everything has to go well. */
export class QuietTenant {
  readonly #tenant: TenantWorld;
  #isOver = false;
  #completed = 0;
  #worstMs = 0;
  readonly #done: Promise<void>;

  private constructor(tenant: TenantWorld) {
    this.#tenant = tenant;
    this.#done = this.#live();
    this.#done.catch(() => {});
  }

  static async arrive(world: World): Promise<QuietTenant> {
    return new QuietTenant(await world.deployed(STEPS));
  }

  get completed(): number {
    return this.#completed;
  }

  /** The longest that an instance has taken since this was last asked, ms. */
  takeWorstMs(): number {
    const worst = this.#worstMs;
    this.#worstMs = 0;
    return worst;
  }

  /** @throws where an instance did not complete, or gave something wrong */
  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #live(): Promise<void> {
    while (!this.#isOver) {
      const began = performance.now();
      const { api } = this.#tenant;
      const { body } = await api.expect(201, 'POST', `${this.#tenant.instances()}?wait=20`, { json: {} });
      assert.deepEqual([body.status, body.output], ['complete', 15]);
      this.#worstMs = Math.max(this.#worstMs, performance.now() - began);
      this.#completed += 1;
      await pause(REST_MS);
    }
  }
}

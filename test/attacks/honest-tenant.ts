import assert from 'node:assert/strict';
import { pause, type TenantWorld, type World, workflow } from '../conformance/world.ts';

const SOURCE = workflow(`
const doubled = await step.do('double', async () => event.payload.n * 2);
await step.sleep('a while', '1 second');
const { payload } = await step.waitForEvent('answer', { type: 'answer', timeout: '5 minutes' });
let tries = 0;
const third = await step.do('third', { retries: { limit: 2, delay: 100 } }, async () => {
  tries += 1;
  if (tries < 2) throw new Error('not yet');
  return doubled + payload.add;
});
return { n: event.payload.n, third };`);

/** A tenant whose every instance has to come to its right end, whatever others do. */
export class HonestTenant {
  readonly #tenant: TenantWorld;
  #completed = 0;
  #slowestMs = 0;

  private constructor(tenant: TenantWorld) {
    this.#tenant = tenant;
  }

  static async arrive(world: World): Promise<HonestTenant> {
    return new HonestTenant(await world.deployed(SOURCE));
  }

  get completed(): number {
    return this.#completed;
  }

  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** One instance after the other. @throws where one did not complete, or gave something wrong */
  async liveUntil(isOver: () => boolean): Promise<void> {
    for (let n = 1; !isOver(); n++) {
      const began = performance.now();
      const instance = await this.#tenant.create({ n });
      await instance.waiting('answer');
      await instance.send('answer', { add: 1 });
      assert.deepEqual(await instance.completed(), { n, third: 2 * n + 1 });
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began);
      this.#completed += 1;
      await pause(100);
    }
  }
}

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Api } from '../conformance/api.ts';
import { Instance } from '../conformance/world.ts';

/** Cold starts, events of a bucket and wake-ups that had to be made good all fit into this. */
const PATIENCE_MS = 90_000;
const BETWEEN_LOOKS_MS = 250;
const FINAL = ['complete', 'errored', 'terminated'];

/** Asks again and again until there is an answer. */
export const within = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    assert.ok(Date.now() < until, `not within ${PATIENCE_MS / 1_000} s: ${what}`);
    await delay(BETWEEN_LOOKS_MS);
  }
};

/** A tenant that is there for the smoke test only. */
export class SmokeTenant {
  readonly id: string;
  readonly api: Api;

  constructor(id: string, api: Api) {
    this.id = id;
    this.api = api;
  }

  get path(): string {
    return `/v1/tenants/${this.id}`;
  }

  /** Uploads by link, as a client does, and waits for the verdict. Gives the names of the workflows. */
  async deploy(source: string): Promise<readonly string[]> {
    const bytes = new TextEncoder().encode(source);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const json = { size: bytes.length, sha256, contentType: 'text/javascript' };
    const { body } = await this.api.expect(201, 'POST', `${this.path}/bundles`, { json });
    const { url, headers } = body.upload;
    const put = await this.api.call('PUT', url, { raw: bytes, headers, key: null });
    assert.ok(
      put.status >= 200 && put.status < 300,
      `the upload was answered ${put.status}: ${put.text.slice(0, 500)}`,
    );
    const bundle = await within('a verdict on the bundle', async () => {
      const look = await this.api.expect(200, 'GET', `${this.path}/bundles/${body.bundle.id}?wait=20`);
      return ['ready', 'rejected'].includes(look.body.status) ? look.body : undefined;
    });
    assert.equal(bundle.status, 'ready', JSON.stringify(bundle.problems));
    return bundle.workflows.map(({ name }: { readonly name: string }) => name);
  }

  async create(workflow: string, params?: unknown): Promise<SmokeInstance> {
    const path = `${this.path}/workflows/${workflow}/instances`;
    const { body } = await this.api.expect(201, 'POST', path, { json: params === undefined ? {} : { params } });
    return new SmokeInstance(this.api, `${path}/${body.id}`, body.id);
  }
}

/** One instance, looked at with more patience than on the same machine. */
export class SmokeInstance extends Instance {
  readonly #api: Api;

  constructor(api: Api, path: string, id: string) {
    super(api, path, id);
    this.#api = api;
  }

  /** The output, once it is complete. */
  override completed(): Promise<unknown> {
    return within(`the end of ${this.id}`, async () => {
      const { body } = await this.#api.expect(200, 'GET', `${this.path}?wait=20`);
      if (!FINAL.includes(body.status)) return undefined;
      assert.equal(body.status, 'complete', JSON.stringify(body.error));
      return body.output;
    });
  }

  override status(status: string) {
    return within(`status ${status} of ${this.id}`, async () => {
      const detail = await this.detail();
      return detail.status === status ? detail : undefined;
    });
  }
}

export class Deployment {
  readonly operator: Api;
  readonly #made: string[] = [];

  constructor(url: string, operatorKey: string) {
    this.operator = new Api(url.replace(/\/+$/, ''), operatorKey);
  }

  async makeTenant(): Promise<SmokeTenant> {
    const id = `smoke-${randomBytes(6).toString('hex')}`;
    const { body } = await this.operator.expect(201, 'POST', '/v1/tenants', { json: { id, name: 'smoke test' } });
    this.#made.push(id);
    return new SmokeTenant(id, new Api(this.operator.url, body.apiKey));
  }

  get hasTenants(): boolean {
    return this.#made.length > 0;
  }

  /** Everything that the smoke test made, whatever became of it. */
  async removeTenants(): Promise<void> {
    for (const id of this.#made) {
      await this.operator.expect(202, 'DELETE', `/v1/tenants/${id}`);
      await within(`the end of tenant ${id}`, async () => {
        const { status } = await this.operator.call('GET', `/v1/tenants/${id}`);
        return status === 404 ? true : undefined;
      });
    }
  }
}

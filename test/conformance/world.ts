import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { type Answer, Api, type RequestParts } from './api.ts';
import type { Entry, Ledger } from './ledger.ts';
import { NotHere } from './registry.ts';
import { OwnServer } from './server.ts';

const PATIENCE_MS = 20_000;
const FINAL = ['complete', 'errored', 'terminated'];

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it holds; the check's patience is the only upper bound on time in this suite. */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  patienceMs = PATIENCE_MS,
): Promise<T> => {
  const until = Date.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    assert.ok(Date.now() < until, `never happened: ${what}`);
    await pause(25);
  }
};

/** Everything that one check touches: fresh tenants on the server under test, and a place on the ledger. */
export class World {
  readonly operator: Api;
  readonly #ledger: Ledger;
  readonly #canOwnServer: boolean;
  readonly #own: OwnServer[] = [];

  constructor(params: { url: string; operatorKey: string; ledger: Ledger; canOwnServer: boolean }) {
    this.operator = new Api(params.url, params.operatorKey);
    this.#ledger = params.ledger;
    this.#canOwnServer = params.canOwnServer;
  }

  async tenant(more: Readonly<Record<string, unknown>> = {}, operator = this.operator): Promise<TenantWorld> {
    const id = typeof more.id === 'string' ? more.id : `c-${randomBytes(6).toString('hex')}`;
    const egress = { allow: [`127.0.0.1:${this.#ledger.port}`] };
    const { body } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id, egress, ...more } });
    return new TenantWorld(id, new Api(operator.url, body.apiKey), operator, this.#ledger);
  }

  /** A fresh tenant with that bundle. */
  async deployed(source: string, more: Readonly<Record<string, unknown>> = {}): Promise<TenantWorld> {
    const tenant = await this.tenant(more);
    await tenant.deploy(source);
    return tenant;
  }

  /** Runs the body of `run(event, step)` to its end. */
  async run(body: string, params?: unknown): Promise<Detail> {
    const tenant = await this.deployed(workflow(body));
    const instance = await tenant.create(params);
    return instance.finished();
  }

  /** The output of a body that has to complete. */
  async output(body: string, params?: unknown): Promise<unknown> {
    const detail = await this.run(body, params);
    assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
    return detail.output;
  }

  /** The error of a body that has to fail. */
  async error(body: string, params?: unknown): Promise<{ name: string; message: string; stack: string }> {
    const detail = await this.run(body, params);
    assert.equal(detail.status, 'errored', `expected a failure, got ${JSON.stringify(detail.output)}`);
    return detail.error;
  }

  /** A server that this check may kill and start again. */
  async ownServer(): Promise<{ readonly server: OwnServer; readonly operator: Api }> {
    if (!this.#canOwnServer) throw new NotHere('needs a server that it may kill: not with --url');
    const server = new OwnServer();
    this.#own.push(server);
    await server.start();
    return { server, operator: new Api(server.url, server.operatorKey) };
  }

  async close(): Promise<void> {
    for (const server of this.#own) await server.remove();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: checks read details of many shapes, and assert what they find
export type Detail = any;

/** A module with one workflow `W`; `note(what)` tells the ledger and gives its answer. */
export const workflow = (body: string, before = ''): string => `
import { WorkflowEntrypoint } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
const note = async (what, query = '') => (await fetch(LEDGER + '/' + encodeURIComponent(what) + query, { method: 'POST' })).text();
${before}
export class W extends WorkflowEntrypoint {
  async run(event, step) {
${body}
  }
}
`;

export class TenantWorld {
  readonly id: string;
  readonly api: Api;
  readonly operator: Api;
  readonly #ledger: Ledger;

  constructor(id: string, api: Api, operator: Api, ledger: Ledger) {
    this.id = id;
    this.api = api;
    this.operator = operator;
    this.#ledger = ledger;
  }

  get path(): string {
    return `/v1/tenants/${this.id}`;
  }

  /** What the tenant's code told the ledger, in order. */
  get noted(): string[] {
    return this.entries.map(({ what }) => what);
  }

  get entries(): readonly Entry[] {
    return this.#ledger.entries(this.id);
  }

  count(what: string): number {
    return this.noted.filter((noted) => noted === what).length;
  }

  release(name: string): void {
    this.#ledger.release(this.id, name);
  }

  noting(what: string, times = 1): Promise<number> {
    return eventually(`${what} noted ${times} times`, () => (this.count(what) >= times ? this.count(what) : undefined));
  }

  /** Asks for a link, uploads, waits for the verdict. `LEDGER` in the source becomes the tenant's own place there. */
  async upload(source: string | Uint8Array, more: { contentType?: string; activate?: boolean } = {}): Promise<Detail> {
    const text = typeof source === 'string' ? source.replace(/\bLEDGER\b/g, JSON.stringify(this.ledgerUrl)) : source;
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const { body } = await this.link(bytes, more);
    const put = await this.api.call('PUT', body.upload.url, { raw: bytes, headers: body.upload.headers, key: null });
    assert.ok(put.status >= 200 && put.status < 300, `PUT of the bundle answered ${put.status}: ${put.text}`);
    return eventually('a verdict on the bundle', async () => {
      const bundle = await this.api.expect(200, 'GET', `${this.path}/bundles/${body.bundle.id}?wait=20`);
      return ['ready', 'rejected'].includes(bundle.body.status) ? bundle.body : undefined;
    });
  }

  async link(
    bytes: Uint8Array,
    more: { contentType?: string; activate?: boolean; sha256?: string; size?: number } = {},
  ): Promise<Answer> {
    const {
      contentType = 'text/typescript',
      sha256 = createHash('sha256').update(bytes).digest('hex'),
      size = bytes.length,
    } = more;
    return this.api.expect(201, 'POST', `${this.path}/bundles`, {
      json: { size, sha256, contentType, ...(more.activate === undefined ? {} : { activate: more.activate }) },
    });
  }

  get ledgerUrl(): string {
    return `http://127.0.0.1:${this.#ledger.port}/${this.id}`;
  }

  /** Gives the version. */
  async deploy(source: string | Uint8Array, more: { contentType?: string; activate?: boolean } = {}): Promise<string> {
    const bundle = await this.upload(source, more);
    assert.equal(bundle.status, 'ready', JSON.stringify(bundle.problems));
    return bundle.version;
  }

  instances(name = 'W'): string {
    return `${this.path}/workflows/${name}/instances`;
  }

  async create(
    params?: unknown,
    more: { id?: string; version?: string; workflow?: string; retention?: string } = {},
  ): Promise<Instance> {
    const { workflow: name = 'W', ...rest } = more;
    const json = { ...rest, ...(params === undefined ? {} : { params }) };
    const { body } = await this.api.expect(201, 'POST', this.instances(name), { json });
    return this.instance(body.id, name);
  }

  instance(id: string, name = 'W'): Instance {
    return new Instance(this.api, `${this.instances(name)}/${id}`, id);
  }

  /** Through the front door. */
  fetch(method: string, path: string, parts: RequestParts = {}): Promise<Answer> {
    return this.api.call(method, `/t/${this.id}${path}`, { key: null, ...parts });
  }
}

export class Instance {
  readonly #api: Api;
  readonly path: string;
  readonly id: string;

  constructor(api: Api, path: string, id: string) {
    this.#api = api;
    this.path = path;
    this.id = id;
  }

  async detail(): Promise<Detail> {
    return (await this.#api.expect(200, 'GET', this.path)).body;
  }

  async finished(): Promise<Detail> {
    const { body } = await this.#api.expect(200, 'GET', `${this.path}?wait=20`);
    assert.ok(
      FINAL.includes(body.status),
      `still ${body.status} after 20 s, waiting for ${JSON.stringify(body.waitingFor)}`,
    );
    return body;
  }

  async completed(): Promise<unknown> {
    const detail = await this.finished();
    assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
    return detail.output;
  }

  until(what: string, holds: (detail: Detail) => boolean): Promise<Detail> {
    return eventually(`${what} of ${this.id}`, async () => {
      const detail = await this.detail();
      if (!holds(detail) && FINAL.includes(detail.status)) {
        assert.fail(`${what}: ended as ${detail.status}: ${JSON.stringify(detail.error ?? detail.output)}`);
      }
      return holds(detail) ? detail : undefined;
    });
  }

  status(status: string): Promise<Detail> {
    return this.until(`status ${status}`, (detail) => detail.status === status);
  }

  /** Waits until it rests in that step (a name), or in any. */
  waiting(name?: string): Promise<Detail> {
    return this.until(`waiting${name === undefined ? '' : ` in ${name}`}`, (detail) => {
      const waits: { name: string }[] = detail.waitingFor ?? [];
      return detail.status === 'waiting' && (name === undefined || waits.some((wait) => wait.name === name));
    });
  }

  send(type: string, payload?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const body = payload === undefined ? {} : { json: payload };
    return this.#api.expect(202, 'POST', `${this.path}/events/${type}`, { ...body, headers });
  }

  async control(status: string, more: Readonly<Record<string, unknown>> = {}): Promise<Detail> {
    return (await this.#api.expect(200, 'PATCH', `${this.path}/status`, { json: { status, ...more } })).body;
  }

  refusedControl(status: number, code: string, json: unknown): Promise<Answer> {
    return this.#api.refused(status, code, 'PATCH', `${this.path}/status`, { json });
  }
}

export const stepOf = (detail: Detail, name: string, type?: string, count = 1): Detail => {
  const step = detail.steps.find(
    (one: Detail) => one.name === name && one.count === count && (type === undefined || one.type === type),
  );
  assert.ok(
    step,
    `no step ${name} #${count} in ${JSON.stringify(detail.steps.map((one: Detail) => [one.type, one.name, one.count]))}`,
  );
  return step;
};

export const msBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

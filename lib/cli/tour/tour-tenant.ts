import { fileURLToPath } from 'node:url';
import { HttpClient } from '../../client/http-client.ts';
import type { InstanceDetail, ShownBundle } from '../api-types.ts';
import type { Terminal } from '../terminal.ts';
import { uploadBundle } from '../upload-bundle.ts';
import { readUploadSource } from '../upload-source.ts';

/** One tenant, by its own key. */
export class TourTenant {
  readonly id: string;
  readonly #client: HttpClient;

  private constructor(id: string, client: HttpClient) {
    this.id = id;
    this.#client = client;
  }

  static async make(
    operator: HttpClient,
    url: string,
    fields: { readonly id: string; readonly egress?: object; readonly limits?: object },
  ): Promise<TourTenant> {
    const { apiKey } = await operator.call<{ readonly apiKey: string }>('POST', '/v1/tenants', { json: fields });
    return new TourTenant(fields.id, new HttpClient(url, apiKey));
  }

  async setVariable(name: string, value: string): Promise<void> {
    await this.#client.call('PUT', `${this.#path}/env/${name}`, { json: { value } });
  }

  /** `file`: of the tour's own tenants. */
  async deploy(file: string, terminal: Terminal): Promise<ShownBundle & { readonly bytes: number }> {
    const source = readUploadSource(file, fileURLToPath(new URL(`tenants/${file}`, import.meta.url)));
    const bundle = await uploadBundle({
      client: this.#client,
      tenantPath: this.#path,
      source,
      activate: true,
      terminal,
    });
    if (bundle.status !== 'ready') throw new Error(`${file} is ${bundle.status}: ${JSON.stringify(bundle.problems)}`);
    return { ...bundle, bytes: source.bytes.length };
  }

  async create(
    workflow: string,
    fields: { readonly id?: string; readonly params?: unknown },
    wait = 0,
  ): Promise<string> {
    const created = await this.#client.call<{ readonly id: string }>('POST', this.#instances(workflow), {
      query: { wait },
      json: fields,
    });
    return created.id;
  }

  async send(workflow: string, id: string, type: string, json: unknown): Promise<void> {
    await this.#client.call('POST', `${this.#instances(workflow)}/${id}/events/${type}`, { json });
  }

  /** `wait`: seconds in which it may end. */
  read(workflow: string, id: string, wait = 0): Promise<InstanceDetail> {
    return this.#client.call('GET', `${this.#instances(workflow)}/${id}`, { query: { wait } });
  }

  /** As soon as it tells an event of that type. */
  async reached(workflow: string, id: string, type: string): Promise<void> {
    for (let cursor: string | undefined; ; ) {
      const page: { readonly events: readonly object[]; readonly cursor: string; readonly done: boolean } =
        await this.#client.call('GET', `${this.#instances(workflow)}/${id}/subscribe`, {
          query: { filter: type, cursor },
        });
      if (page.events.length > 0) return;
      if (page.done) throw new Error(`${workflow} ${id} has ended without ${type}`);
      cursor = page.cursor;
    }
  }

  get #path(): string {
    return `/v1/tenants/${this.id}`;
  }

  #instances(workflow: string): string {
    return `${this.#path}/workflows/${workflow}/instances`;
  }
}

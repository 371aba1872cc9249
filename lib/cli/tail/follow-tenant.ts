import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError } from '../../client/http-client.ts';
import { isFinished } from '../api-types.ts';
import type { Connection } from '../connection.ts';
import { chooseInstances, keyOf, type Listed } from './choose-instances.ts';
import { eventLine, TOLD_TYPES, type ToldEvent } from './event-lines.ts';
import { listInstances } from './list-instances.ts';
import { requestLines, type ToldRequest } from './request-lines.ts';
import { type SteadyClient, StoppedError } from './steady-client.ts';
import type { TailLine } from './tail-line.ts';

/** Each has a long poll of its own. */
export const MAX_FOLLOWED = 10;
/** Between two looks at who is at work. */
const LOOK_MS = 2_000;

export interface TailParams {
  readonly client: SteadyClient;
  readonly connection: Connection;
  /** From when on things are told, epoch ms by the server's clock. */
  readonly since: number;
  /** Its instances alone, and no requests. */
  readonly workflow: string | undefined;
  readonly wants: (instance: Listed) => boolean;
  readonly onLines: (lines: readonly TailLine[]) => void;
  /** How many are not followed since there is no room; told when that begins. */
  readonly onLeftOut: (left: { readonly instances: number; readonly workflows: number }) => void;
}

/** Tells what a tenant's code says and comes to until `signal`. @throws RefusedError */
export const followTenant = async (params: TailParams, signal: AbortSignal): Promise<void> => {
  const failed = new AbortController();
  const tail = new TenantTail(params, AbortSignal.any([signal, failed.signal]), (error) => failed.abort(error));
  await Promise.all([...(params.workflow === undefined ? [tail.requests()] : []), tail.instances()]);
  if (failed.signal.aborted) throw failed.signal.reason;
};

interface Follower {
  readonly stop: () => void;
}

class TenantTail {
  readonly #params: TailParams;
  readonly #signal: AbortSignal;
  readonly #fail: (error: unknown) => void;
  readonly #followers = new Map<string, Follower>();
  /** Where each instance has been told to. */
  readonly #cursors = new Map<string, string>();
  readonly #told = new Set<string>();

  constructor(params: TailParams, signal: AbortSignal, fail: (error: unknown) => void) {
    this.#params = params;
    this.#signal = signal;
    this.#fail = fail;
  }

  requests(): Promise<void> {
    const { client, connection, since, onLines } = this.#params;
    return this.#guard(async () => {
      let from: { readonly from: string } | { readonly after: string } = { from: new Date(since).toISOString() };
      for (;;) {
        const page: { readonly requests: readonly ToldRequest[]; readonly cursor: string } = await client.get(
          `${connection.tenantPath()}/logs`,
          { query: { wait: 20, ...from }, signal: this.#signal },
        );
        onLines(page.requests.flatMap((request) => requestLines(request)));
        from = { after: page.cursor };
      }
    });
  }

  instances(): Promise<void> {
    const { client, connection, workflow, wants, since, onLeftOut } = this.#params;
    const reader = { client, connection, signal: this.#signal };
    return this.#guard(async () => {
      let isAnyLeftOut = false;
      for (;;) {
        const { listed: all, workflowsLeftOut } = await listInstances(reader, workflow);
        const listed = all.filter(wants);
        // One that was told to its end and is at work again has been restarted.
        const isTold = (one: Listed): boolean => isFinished(one.status) && this.#told.has(keyOf(one));
        const { chosen, leftOut } = chooseInstances({ listed, since, max: MAX_FOLLOWED, isTold });
        this.#followThese(chosen);
        this.#forgetAllBut(listed);
        const wasAnyLeftOut = isAnyLeftOut;
        isAnyLeftOut = leftOut + workflowsLeftOut > 0;
        if (isAnyLeftOut && !wasAnyLeftOut) onLeftOut({ instances: leftOut, workflows: workflowsLeftOut });
        await sleep(LOOK_MS, undefined, { signal: this.#signal });
      }
    });
  }

  #followThese(chosen: readonly Listed[]): void {
    const keys = new Set(chosen.map(keyOf));
    const spare = MAX_FOLLOWED - [...keys].filter((key) => !this.#followers.has(key)).length;
    // Who is no longer among them is followed on for as long as nobody else needs the place.
    const others = [...this.#followers.keys()].filter((key) => !keys.has(key));
    const excess = Math.max(0, this.#followers.size - spare);
    for (const key of others.slice(0, excess)) this.#followers.get(key)?.stop();
    for (const instance of chosen) if (!this.#followers.has(keyOf(instance))) this.#follow(instance);
  }

  #follow(instance: Listed): void {
    const key = keyOf(instance);
    const stopped = new AbortController();
    this.#followers.set(key, { stop: () => stopped.abort() });
    const signal = AbortSignal.any([this.#signal, stopped.signal]);
    void this.#guard(() => this.#tell(instance, signal)).finally(() => this.#followers.delete(key));
  }

  async #tell(instance: Listed, signal: AbortSignal): Promise<void> {
    const { client, connection, since, onLines } = this.#params;
    const key = keyOf(instance);
    const path = `${connection.instancePath(instance.workflow, instance.id)}/subscribe`;
    try {
      for (;;) {
        const page: { readonly events: readonly ToldEvent[]; readonly cursor: string; readonly done: boolean } =
          await client.get(path, { query: { filter: TOLD_TYPES.join(','), cursor: this.#cursors.get(key) }, signal });
        const recent = page.events.filter(({ timestamp }) => Date.parse(timestamp) >= since);
        onLines(recent.flatMap((event) => eventLine(event, instance) ?? []));
        this.#cursors.set(key, page.cursor);
        if (page.done) break;
      }
    } catch (error) {
      // Deleted, or past its retention.
      if (!(error instanceof RefusedError && error.problem.status === 404)) throw error;
    }
    this.#told.add(key);
  }

  #forgetAllBut(listed: readonly Listed[]): void {
    const known = new Set([...listed.map(keyOf), ...this.#followers.keys()]);
    for (const key of this.#cursors.keys()) if (!known.has(key)) this.#cursors.delete(key);
    for (const key of this.#told) if (!known.has(key)) this.#told.delete(key);
  }

  /** One that cannot go on ends them all. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StoppedError) && !isAbort(error)) this.#fail(error);
    }
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

import { randomBytes } from 'node:crypto';
import { InvokeCommand, type LambdaClient, TooManyRequestsException } from '@aws-sdk/client-lambda';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { ExecutableBundle, Inspection } from '../../ports/executor.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';
import { MicroVmBusy, type MicroVms, type RequestServed, type TurnsRun } from '../../ports/micro-vms.ts';
import type { Policy, PolicyStore } from '../../ports/policy-store.ts';
import type { Wake } from '../../ports/wake-queue.ts';
import { type MicroVmAnswers, type MicroVmTask, plainRequestOf, responseFrom } from './micro-vm-call.ts';
import type { TenantSessions } from './tenant-sessions.ts';

/** Of one call, for the log. */
const MAX_PROBLEMS = 20;

/**
 * Tenants' own machines by a function in tenant isolation mode: Lambda keeps its environments apart by the tenant that each
 * invocation names. The function's own role may do nothing; each call brings a session that reaches that tenant alone.
 */
export class LambdaMicroVms implements MicroVms {
  readonly #client: LambdaClient;
  readonly #functionName: string;
  readonly #sessions: TenantSessions;
  readonly #blobs: BlobStore;
  readonly #policies: Pick<PolicyStore, 'list'>;
  readonly #hasSandbox: boolean;

  /** `client`: one that waits as long as a turn may last, and tries a throttled call once. */
  constructor(params: {
    readonly client: LambdaClient;
    readonly functionName: string;
    readonly sessions: TenantSessions;
    readonly blobs: BlobStore;
    readonly policies: Pick<PolicyStore, 'list'>;
    readonly hasSandbox: boolean;
  }) {
    this.#client = params.client;
    this.#functionName = params.functionName;
    this.#sessions = params.sessions;
    this.#blobs = params.blobs;
    this.#policies = params.policies;
    this.#hasSandbox = params.hasSandbox;
  }

  async runTurns(params: {
    readonly tenant: string;
    readonly wakes: readonly Wake[];
    readonly endsAt: number;
  }): Promise<TurnsRun> {
    const { tenant, wakes, endsAt } = params;
    const { asked, commands, used, problems } = await this.#invoke(tenant, { kind: 'turns', wakes, endsAt });
    return { asked: listOf(asked), commands: listOf(commands), used: listOf(used), problems: wordsOf(problems) };
  }

  async serveRequest(params: {
    readonly tenant: string;
    readonly request: Request;
    readonly path: string;
    readonly traceId?: string;
  }): Promise<RequestServed> {
    const { tenant, request, ...more } = params;
    const answer = await this.#invoke(tenant, { kind: 'request', request: await plainRequestOf(request), ...more });
    const { asked, used, problems } = answer;
    return { response: responseFrom(answer), asked: listOf(asked), used: listOf(used), problems: wordsOf(problems) };
  }

  rehearse({ key, version }: { readonly key: InstanceKey; readonly version: string }): Promise<unknown> {
    return this.#invoke(key.tenant, { kind: 'rehearsal', key, version });
  }

  async inspect({
    tenant,
    bundle,
  }: {
    readonly tenant: string;
    readonly bundle: ExecutableBundle;
  }): Promise<Inspection> {
    const folder = `${tenant}/inspections/${randomBytes(12).toString('hex')}`;
    const [code, sourceMap] = [`${folder}/code.js`, `${folder}/map.json`];
    try {
      await this.#blobs.put(code, Buffer.from(bundle.code));
      await this.#blobs.put(sourceMap, Buffer.from(bundle.sourceMap));
      return await this.#invoke(tenant, { kind: 'inspect', code, sourceMap });
    } finally {
      await this.#blobs.removeAll(`${folder}/`);
    }
  }

  /** Those of others are none of its business. */
  async #policiesOf(tenant: string): Promise<readonly Policy[]> {
    const all = await this.#policies.list();
    return all.flatMap(({ tenants, ...policy }) => (tenants === undefined || tenants.includes(tenant) ? [policy] : []));
  }

  async #invoke<Task extends MicroVmTask>(tenant: string, task: Task): Promise<MicroVmAnswers[Task['kind']]> {
    const hasEffects = task.kind === 'turns' || task.kind === 'request';
    const [session, policies] = await Promise.all([
      this.#sessions.of(tenant),
      hasEffects ? this.#policiesOf(tenant) : [],
    ]);
    try {
      const { Payload: payload, FunctionError: failure } = await this.#client.send(
        new InvokeCommand({
          FunctionName: this.#functionName,
          TenantId: tenant,
          Payload: JSON.stringify({ tenant, session, hasSandbox: this.#hasSandbox, policies, ...task }),
        }),
      );
      const answer: unknown = JSON.parse(Buffer.from(payload ?? []).toString());
      if (failure === undefined) return answer as MicroVmAnswers[Task['kind']];
      const { errorType } = answer as { readonly errorType?: string };
      throw new Error(`The machine of ${tenant} failed: ${errorType ?? failure}`);
    } catch (error) {
      if (error instanceof TooManyRequestsException) throw new MicroVmBusy(`No machine is free for ${tenant}`);
      throw error;
    }
  }
}

/** The machine may have been taken over by its tenant: nothing that it says is of the type that it should be. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const wordsOf = (value: unknown): readonly string[] =>
  listOf(value)
    .slice(0, MAX_PROBLEMS)
    .map((text) => String(text));

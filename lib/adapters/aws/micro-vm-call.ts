import { isUtf8 } from 'node:buffer';
import type { Inspection } from '../../ports/executor.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';
import type { Policy } from '../../ports/policy-store.ts';
import type { ReplayReport } from '../../ports/replay-report.ts';
import type { SnapshotTask } from '../../ports/sandbox.ts';
import type { UsageRow } from '../../ports/usage.ts';
import type { Wake } from '../../ports/wake-queue.ts';
import type { TenantSession } from './tenant-sessions.ts';

/** What the function in tenant isolation mode is invoked with: whose it is, with which credentials, and what to do. */
export type MicroVmCall = MicroVmTask & {
  readonly tenant: string;
  readonly session: TenantSession;
  /** Commands of steps are taken, to be started by the caller. */
  readonly hasSandbox: boolean;
  /** That hold for this tenant: its machine reaches no others, and does not read them itself. */
  readonly policies: readonly Policy[];
};

export type MicroVmTask =
  | { readonly kind: 'turns'; readonly wakes: readonly Wake[]; readonly endsAt: number }
  | { readonly kind: 'request'; readonly request: PlainRequest; readonly path: string; readonly traceId?: string }
  | { readonly kind: 'rehearsal'; readonly key: InstanceKey; readonly version: string }
  /** The bundle's files lie at these names: an invocation carries 6 MB. */
  | { readonly kind: 'inspect'; readonly code: string; readonly sourceMap: string };

/** What it answers, by the kind of its call. */
export interface MicroVmAnswers {
  readonly turns: {
    readonly asked: readonly Wake[];
    readonly commands: readonly AskedWork[];
    readonly used: readonly UsageRow[];
    readonly problems: readonly string[];
  };
  readonly request: PlainResponse & {
    readonly asked: readonly Wake[];
    readonly used: readonly UsageRow[];
    readonly problems: readonly string[];
  };
  readonly rehearsal: ReplayReport;
  readonly inspect: Inspection;
}

/** As the methods of `env.SANDBOX` take it: whoever starts it checks it as if a tenant had said it. */
export type AskedWork =
  | {
      readonly token: string;
      readonly command: readonly string[];
      readonly options: {
        readonly env: Readonly<Record<string, string>>;
        /** Milliseconds. */
        readonly timeout: number;
        readonly workspace?: string;
      };
    }
  | {
      readonly kind: SnapshotTask['kind'];
      readonly token: string;
      readonly workspace?: string;
      readonly snapshot?: string;
      readonly options?: { readonly name?: string; readonly workspace?: string };
    };

/** Text as it is, so that it stays as small as it is; other bytes in base64. */
type PlainBody = { readonly text: string } | { readonly base64: string };

export interface PlainRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: PlainBody;
}

export interface PlainResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: PlainBody;
}

export const plainRequestOf = async (request: Request): Promise<PlainRequest> => ({
  method: request.method,
  url: request.url,
  headers: [...request.headers],
  ...(await plainBodyOf(request)),
});

export const requestFrom = ({ method, url, headers, body }: PlainRequest): Request =>
  new Request(url, { method, headers: pairs(headers), ...(body !== undefined && { body: bytesOf(body) }) });

export const plainResponseOf = async (response: Response): Promise<PlainResponse> => ({
  status: response.status,
  headers: [...response.headers],
  ...(await plainBodyOf(response)),
});

export const responseFrom = ({ status, headers, body }: PlainResponse): Response =>
  new Response(body === undefined ? null : bytesOf(body), { status, headers: pairs(headers) });

const plainBodyOf = async (of: Request | Response): Promise<{ readonly body?: PlainBody }> => {
  const bytes = Buffer.from(await of.arrayBuffer());
  if (bytes.length === 0) return {};
  return { body: isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') } };
};

const bytesOf = (body: PlainBody): Uint8Array<ArrayBuffer> =>
  Uint8Array.from('text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64'));

const pairs = (headers: PlainRequest['headers']): [string, string][] => headers.map(([name, value]) => [name, value]);

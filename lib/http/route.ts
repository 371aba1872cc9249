import type { z } from 'zod';
import { type ErrorCode, TenonError } from '../core/errors.ts';
import type { PageFiles } from '../ports/page-files.ts';
import type { Dependencies } from '../service/dependencies.ts';
import type { Tenant } from '../service/read-tenant.ts';
import { type AuditedBy, isAudited, withAudit } from './audit.ts';
import type { Caller, Keys } from './auth.ts';
import { type JsonBody, readJson } from './body.ts';
import { parseFields } from './fields.ts';
import type { PathParam } from './path-params.ts';
import { type Address, readQuery } from './query.ts';
import type { InstanceUseCases } from './use-cases.ts';

export type HttpDependencies = Pick<
  Dependencies,
  | 'clock'
  | 'timer'
  | 'randomness'
  | 'tenants'
  | 'bundles'
  | 'checks'
  | 'checkRuns'
  | 'instances'
  | 'bindings'
  | 'blobs'
  | 'uploads'
  | 'downloads'
  | 'vault'
  | 'watch'
  | 'validations'
  | 'tenantRemovals'
  | 'isolationLevels'
  | 'usage'
  | 'usageStore'
  | 'schedules'
  | 'audit'
  | 'requestLog'
  | 'policies'
  | 'slots'
  | 'wakes'
  | 'prices'
  | 'tracer'
>;

/** The page, and where it puts bundles if that is no address of the API's. */
export interface Page {
  readonly files: PageFiles;
  /** `https://host` */
  readonly uploadOrigin?: () => Promise<string>;
}

/** What every handler has at hand. */
export interface AppContext {
  readonly deps: HttpDependencies;
  readonly useCases: InstanceUseCases;
  readonly keys: Keys;
  /** Told of what callers do not hear of; `route` is the pattern, such as `GET /v1/tenants/{tenant}`. */
  readonly onError: (error: unknown, context: { readonly route: string; readonly traceId: string }) => void;
  /** An answer may go on for as long as somebody listens. */
  readonly canStream: boolean;
  /** Absent: the page is not served here. */
  readonly page: Page | undefined;
  /** Begins the validation of a bundle that has come in; must not throw. */
  readonly startValidation: (params: { readonly tenant: string; readonly bundleId: string }) => void;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ANY';

/** `operator`: the operator key alone. `tenant`: that, or a key of the tenant in the path. */
export type Access = 'public' | 'operator' | 'tenant';

type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** A request that has passed every check before its handler. */
export interface Call<Path extends string, Query, Body> {
  readonly app: AppContext;
  readonly request: Request;
  /** Names what follows from the request, 32 hex digits. */
  readonly traceId: string;
  readonly address: Address;
  /** Absent on public routes. */
  readonly caller: Caller | undefined;
  readonly tenant: 'tenant' extends ParamNames<Path> ? Tenant : undefined;
  readonly path: Readonly<Record<ParamNames<Path>, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came. */
  readonly rawBody: Buffer;
}

/** The same before the route's own checks. */
export interface RawCall {
  readonly app: AppContext;
  readonly request: Request;
  readonly traceId: string;
  readonly address: Address;
  readonly caller: Caller | undefined;
  readonly tenant: Tenant | undefined;
  readonly path: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** JSON; absent: no body. */
  readonly body?: object;
  /** Names of what was made, for the audit log. */
  readonly made?: Readonly<Record<string, string>>;
}

export interface ResponseSpec {
  readonly description: string;
  /** Absent: no body, or one that is not ours to describe. */
  readonly schema?: z.ZodType;
  /** Of a body that is no JSON; beside `schema`: of the other form that there is. */
  readonly contentType?: string;
}

export type BodyKind =
  /** Fields by the route's schema. */
  | 'json'
  /** The same; an empty body is one without fields. */
  | 'optional_json'
  /** Any JSON value, or an empty body. */
  | 'payload'
  /** Read by the handler. */
  | 'bytes';

interface RouteWords<Path extends string> {
  readonly method: Method;
  readonly path: Path;
  /** Part of the document: which group the route stands in. */
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly params: Readonly<Record<ParamNames<Path>, PathParam>>;
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Codes of its own; those of authentication, scoping and reading are added. */
  readonly problems: readonly ErrorCode[];
  /** Refused while the tenant is suspended. */
  readonly isRefusedWhenSuspended?: boolean;
  /** @default 'operator' */
  readonly auditedBy?: AuditedBy;
}

export interface RouteSpec<Path extends string, Query extends z.ZodType, Body extends z.ZodType>
  extends RouteWords<Path> {
  readonly query?: Query;
  readonly body?: { readonly kind: BodyKind; readonly schema?: Body };
  /** The tenant that the call concerns, where none stands in the path. */
  readonly concerns?: (body: z.output<Body>) => string;
  readonly handle: (call: Call<Path, z.output<Query>, z.output<Body>>) => Promise<Answer | Response>;
}

/** A row of the routes table, its types closed over. */
export interface Route extends RouteWords<string> {
  readonly query: z.ZodType | undefined;
  readonly body: { readonly kind: BodyKind; readonly schema?: z.ZodType } | undefined;
  readonly run: (raw: RawCall) => Promise<Answer | Response>;
}

const NO_BODY = Buffer.alloc(0);

/** Makes a row: the checks of path, query and body in this order, then the handler. */
export const defineRoute = <
  const Path extends string,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  spec: RouteSpec<Path, Query, Body>,
): Route => {
  const { handle, concerns, ...words } = spec;
  const { method, auditedBy = 'operator' } = spec;
  const params = Object.entries<PathParam>(spec.params);
  const hasJson = spec.body !== undefined && spec.body.kind !== 'bytes';
  return {
    ...words,
    query: spec.query,
    body: spec.body,
    run: async (raw) => {
      for (const [name, param] of params) if (!param.isValid(raw.path[name] ?? '')) throw param.refuse();
      const query = readQueryFields(spec, raw.address.search);
      const json = hasJson ? await readJson(raw.request) : undefined;
      const call = {
        ...raw,
        query,
        body: json === undefined ? undefined : readBodyFields(spec, json),
        rawBody: json?.bytes ?? NO_BODY,
      };
      // What the loop above and the app's own look-up have made true cannot be told to the compiler.
      const act = () => handle(call as unknown as Call<Path, z.output<Query>, z.output<Body>>);
      if (!isAudited(method, auditedBy, raw.caller)) return act();
      const tenant = raw.tenant?.id ?? concerns?.(call.body as z.output<Body>);
      return withAudit(raw.app, { ...raw, operation: `${method} ${spec.path}`, tenant }, act);
    },
  };
};

const readQueryFields = (spec: Pick<RouteSpec<string, z.ZodType, z.ZodType>, 'access' | 'query'>, search: string) => {
  if (spec.query !== undefined) return parseFields(spec.query, readQuery(search));
  if (spec.access === 'public' || search.length < 2) return undefined;
  const [name] = Object.keys(readQuery(search));
  if (name === undefined) return undefined;
  throw new TenonError('request.invalid', `${name}: is not a known field`, {
    fields: [{ path: name, message: 'is not a known field' }],
  });
};

const readBodyFields = (spec: Pick<RouteSpec<string, z.ZodType, z.ZodType>, 'body'>, json: JsonBody): unknown => {
  if (spec.body?.schema === undefined) return json.value;
  if (json.value !== undefined) return parseFields(spec.body.schema, json.value);
  if (spec.body.kind === 'optional_json') return parseFields(spec.body.schema, {});
  throw new TenonError('request.malformed', 'The body is empty. Send a JSON object.');
};

import { TenonError } from '../core/errors.ts';
import { isTenantId } from '../core/names.ts';
import type { Tenant } from '../service/read-tenant.ts';
import { tenantNotFound, tenantSuspended } from '../service/refusals.ts';
import { type Caller, createKeys, invalidKey, readKeyHash } from './auth.ts';
import { openApiRoute } from './openapi.ts';
import { problemResponse } from './problems.ts';
import { type Address, decodePathPart, malformedEncoding, splitAddress } from './query.ts';
import { createRateCounter, type RequestRates } from './request-rates.ts';
import type { Answer, AppContext, HttpDependencies, Page, Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { createFinder } from './routes-table.ts';
import { traceOf, withTrace } from './trace.ts';
import type { InstanceUseCases } from './use-cases.ts';

export interface AppOptions {
  /** SHA-256 of the operator's key, lower-case hex. */
  readonly operatorKeyHash: string;
  /** Told of every error that the caller sees as `internal`; `route` is the pattern, such as `GET /v1/tenants/{tenant}`. */
  readonly onError: AppContext['onError'];
  /** Begins to validate a bundle that has come in through this process; must not throw. */
  readonly startValidation: AppContext['startValidation'];
  /** `false`: each answer leaves in one piece, when it is whole. @default true */
  readonly canStream?: boolean;
  /** @default no page is served */
  readonly page?: Page;
  /** @default nothing is counted */
  readonly rates?: RequestRates;
}

export interface App {
  /** `address`: where the request comes from, if that is known. */
  fetch(request: Request, from?: { readonly address: string | undefined }): Promise<Response>;
}

const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};
const EMPTY_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/**
 * The whole HTTP API. A request is checked in this order: route, method, key, tenant, path, query, size of the body, its
 * JSON, its fields.
 */
export const createApp = (deps: HttpDependencies, useCases: InstanceUseCases, options: AppOptions): App => {
  const keys = createKeys(deps, options.operatorKeyHash);
  const { startValidation, onError, canStream = true, page } = options;
  const app: AppContext = { deps, useCases, keys, startValidation, onError, canStream, page };
  const rates = createRateCounter(deps.clock, options.rates);
  const find = createFinder([...ROUTES, openApiRoute(ROUTES)]);

  const serve = async ({ request, traceId, from }: Incoming, address: Address, route: Route, rawParams: Params) => {
    const path = decodeParams(rawParams);
    const { caller, tenant } =
      route.access === 'public'
        ? await admitPublic(app, path)
        : await admit(app, request, route, path).catch(countRefusal(from));
    if (path === undefined) throw malformedEncoding();
    if (tenant !== undefined && caller?.kind !== 'operator') rates.countRequest(tenant.id);
    if (tenant !== undefined) deps.usage?.count({ tenant: tenant.id }, { requests: 1 });
    if (route.isRefusedWhenSuspended === true && tenant?.suspended === true) throw tenantSuspended(tenant);
    return route.run({ app, request, traceId, address, caller, tenant, path });
  };

  const countRefusal =
    (from: string | undefined) =>
    (error: unknown): never => {
      if (isBadKey(error)) rates.countFailure(from);
      throw error;
    };

  const answer = async (incoming: Incoming, onRoute: (route: string) => void): Promise<Response> => {
    const { request, traceId } = incoming;
    let route = 'none';
    try {
      const address = splitAddress(request.url);
      const found = find(request.method, address.path);
      if (found.kind === 'no_route') throw new TenonError('route.not_found', 'There is nothing at this address.');
      if (found.kind === 'no_method') {
        const allow = found.allowed.join(', ');
        const error = new TenonError('request.method_not_allowed', `This address takes ${allow}.`);
        return problemResponse(error, () => undefined, { allow });
      }
      route = `${found.route.method} ${found.route.path}`;
      onRoute(route);
      const answered = await serve(incoming, address, found.route, found.params);
      const response = answered instanceof Response ? answered : toResponse(answered);
      return request.method === 'HEAD' && found.route.method === 'GET' ? withoutBody(response) : response;
    } catch (error) {
      const response = problemResponse(error, (unexpected) => onError(unexpected, { route, traceId }));
      return request.method === 'HEAD' ? withoutBody(response) : response;
    }
  };

  return {
    fetch: async (request, from) => {
      const trace = traceOf(request);
      const startedAt = deps.clock.now();
      let route = 'none';
      const response = await answer({ request, traceId: trace.traceId, from: from?.address }, (found) => {
        route = found;
      });
      deps.tracer?.tell({
        ...trace,
        name: route,
        kind: 'server',
        startedAt,
        endedAt: deps.clock.now(),
        attributes: { 'http.route': route, 'http.response.status_code': response.status },
        ...(response.status >= 500 && { error: `${response.status}` }),
      });
      return withTrace(response, trace, deps.tracer !== undefined);
    },
  };
};

interface Incoming {
  readonly request: Request;
  readonly traceId: string;
  /** An address. */
  readonly from: string | undefined;
}

const isBadKey = (error: unknown): boolean =>
  error instanceof TenonError && (error.code === 'auth.missing' || error.code === 'auth.invalid');

interface Admission {
  readonly caller: Caller | undefined;
  readonly tenant: Tenant | undefined;
}

type Params = Readonly<Record<string, string>>;

/** `undefined`: some part's percent-encoding is malformed, which is told after the key has been looked at. */
const decodeParams = (raw: Params): Params | undefined => {
  const params: Record<string, string> = {};
  for (const name of Object.keys(raw)) {
    const value = decodePathPart(raw[name] ?? '');
    if (value === undefined) return undefined;
    params[name] = value;
  }
  return params;
};

const admitPublic = async (app: AppContext, path: Params | undefined): Promise<Admission> => {
  if (path?.tenant === undefined) return { caller: undefined, tenant: undefined };
  const tenant = await findTenant(app, path.tenant);
  if (tenant === undefined) throw tenantNotFound();
  return { caller: undefined, tenant };
};

/**
 * Lets a key in to where it belongs. Another tenant's path is answered just like one that does not exist, on operators'
 * routes too: whether a tenant exists is not for its neighbours to learn.
 */
const admit = async (app: AppContext, request: Request, route: Route, path: Params | undefined): Promise<Admission> => {
  const keyHash = readKeyHash(request);
  const tenantId = path?.tenant;
  if (app.keys.isOperator(keyHash)) {
    if (tenantId === undefined) return { caller: { kind: 'operator' }, tenant: undefined };
    const tenant = await findTenant(app, tenantId);
    if (tenant === undefined) throw tenantNotFound();
    return { caller: { kind: 'operator' }, tenant };
  }
  const [holder, tenant] = await Promise.all([
    app.keys.findHolder(keyHash),
    tenantId === undefined ? undefined : findTenant(app, tenantId),
  ]);
  if (holder === undefined) throw invalidKey();
  if (path === undefined) throw malformedEncoding();
  if (tenantId !== undefined && (tenant === undefined || tenant.id !== holder.tenant)) throw tenantNotFound();
  if (route.access === 'operator') {
    throw new TenonError('auth.forbidden', 'This call is for the operator. Use the operator key.');
  }
  return { caller: holder, tenant };
};

const findTenant = async (app: AppContext, id: string): Promise<Tenant | undefined> =>
  isTenantId(id) ? app.deps.tenants.getTenant(id) : undefined;

const toResponse = ({ status, body }: Answer): Response =>
  body === undefined
    ? new Response(null, { status, headers: EMPTY_HEADERS })
    : new Response(JSON.stringify(body), { status, headers: JSON_HEADERS });

const withoutBody = (response: Response): Response =>
  new Response(null, { status: response.status, headers: response.headers });

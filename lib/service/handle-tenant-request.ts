import { TenonError } from '../core/errors.ts';
import type { BindingCaller } from '../ports/binding-host.ts';
import type { Version } from '../ports/bundle-store.ts';
import type { Guest } from '../ports/executor.ts';
import type { FetchStart, GuestMessage, HostCall } from '../ports/turn-messages.ts';
import type { Dependencies } from './dependencies.ts';
import { refusalOf } from './policy-refusal.ts';
import { RequestSaid } from './request-said.ts';
import { shownError } from './shown-error.ts';
import { loadTurnSettings, type TurnSettings } from './turn-settings.ts';

type Needs = Pick<
  Dependencies,
  | 'clock'
  | 'timer'
  | 'randomness'
  | 'tenants'
  | 'bundles'
  | 'blobs'
  | 'vault'
  | 'policies'
  | 'bindings'
  | 'executor'
  | 'usage'
  | 'requestLog'
>;

/** An answer that takes longer is given up: no front door waits for ever. */
const TIMEOUT_MS = 25_000;

/**
 * The tenant's `default.fetch`, in the version that is active now. `path`: what follows the tenant's prefix.
 * @throws TenonError `version.none_active`, `fetch.not_exported`
 */
export const handleTenantRequest = async (
  deps: Needs,
  {
    tenant,
    request,
    path,
    traceId,
  }: { readonly tenant: string; readonly request: Request; readonly path: string; readonly traceId?: string },
): Promise<Response> => {
  const version = await versionWithFetch(deps, tenant);
  const settings = await loadTurnSettings(deps, { tenant, version: version.version });
  const body = new Uint8Array(await request.arrayBuffer());
  const of = { tenant: settings.tenant, version: version.version, ...(traceId !== undefined && { traceId }) };
  const said = new RequestSaid(deps.clock.now());
  const response = await runRequest(
    deps,
    { settings, caller: of, said },
    {
      kind: 'start_fetch',
      env: settings.env,
      request: {
        method: request.method,
        // Put together as text: a path of `//host` must not become another host.
        url: `${new URL(request.url).origin}${path}`,
        headers: [...request.headers],
        ...(body.length === 0 ? {} : { body: Buffer.from(body).toString('base64') }),
      },
    },
  );
  const entry = said.entry({
    id: deps.randomness.id(),
    endedAt: deps.clock.now(),
    version: version.version,
    method: request.method,
    path: path.split('?')[0] ?? path,
    status: response.status,
    ...(traceId !== undefined && { traceId }),
  });
  // Before the answer: whoever gives it may be frozen as soon as it is out.
  if (entry !== undefined) await deps.requestLog.write(tenant, entry);
  return response;
};

/**
 * The version that answers a tenant's requests.
 * @throws TenonError `version.none_active`, `fetch.not_exported`
 */
export const versionWithFetch = async ({ bundles }: Pick<Needs, 'bundles'>, tenant: string): Promise<Version> => {
  const version = await bundles.getActiveVersion(tenant);
  if (version === undefined) throw new TenonError('version.none_active', 'The tenant has no active version yet.');
  if (!version.hasFetch) {
    throw new TenonError('fetch.not_exported', "The tenant's active version exports no default.fetch.");
  }
  return version;
};

const runRequest = (
  deps: Needs,
  {
    settings,
    caller,
    said,
  }: {
    readonly settings: TurnSettings;
    readonly caller: Omit<BindingCaller, 'signal'>;
    readonly said: RequestSaid;
  },
  start: FetchStart,
): Promise<Response> =>
  new Promise((resolve) => {
    const ended = new AbortController();
    const end = (response: Response): void => {
      cancel();
      ended.abort();
      resolve(response);
    };
    const onMessage = (message: GuestMessage): void => {
      switch (message.kind) {
        case 'call':
          call(message);
          return;
        case 'logs':
          said.add(message);
          return;
        case 'response':
          end(toResponse(message));
          return;
        case 'fetch_failed':
          said.fail(message.error);
          end(new Response('The tenant could not answer', { status: 502 }));
          return;
        default:
          guest.end();
          end(new Response('The tenant could not answer', { status: 502 }));
      }
    };
    const call = (message: HostCall): void => {
      const { callId, binding, method, args } = message;
      const refusal = refusalOf(settings.policies, message);
      if (refusal !== undefined) return guest.send({ kind: 'answer', callId, ok: false, error: shownError(refusal) });
      deps.bindings.call({ ...caller, signal: ended.signal }, { binding, method, args }).then(
        (value) => guest.send({ kind: 'answer', callId, ok: true, value }),
        (error: unknown) => guest.send({ kind: 'answer', callId, ok: false, error: shownError(error) }),
      );
    };
    const guest: Guest = deps.executor.start(settings.guest, start, {
      onMessage,
      onTerminated: ({ message }) => {
        said.fail({ name: 'WorkflowInternalError', message });
        end(new Response('The tenant could not answer', { status: 502 }));
      },
    });
    const cancel = deps.timer.after(TIMEOUT_MS, () => {
      guest.end();
      said.fail({ name: 'WorkflowTimeoutError', message: `default.fetch did not answer within ${TIMEOUT_MS} ms` });
      end(new Response('The tenant did not answer in time', { status: 504 }));
    });
  });

const NO_BODY = new Set([204, 205, 304]);

const toResponse = ({ status, headers, body }: Extract<GuestMessage, { kind: 'response' }>): Response =>
  new Response(body === undefined || NO_BODY.has(status) ? null : Buffer.from(body, 'base64'), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });

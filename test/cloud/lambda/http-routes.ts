import type { LocalStack, StackResource } from '../contract.ts';

export interface HttpRoute {
  /** `GET /v1/tenants/{tenant}`, or `$default` for whatever no other route takes. */
  readonly routeKey: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** On whose behalf the function is invoked; its permission is given to this. */
  readonly sourceArn: string;
}

export interface RouteMatch {
  readonly route: HttpRoute;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

export const DEFAULT_ROUTE = '$default';
/** The only stage that is served: its name is no part of the path. */
export const DEFAULT_STAGE = '$default';

const MAX_TIMEOUT_MS = 30_000;

export const routesOf = (stack: LocalStack, api: StackResource): readonly HttpRoute[] =>
  stack
    .ofType('AWS::ApiGatewayV2::Route')
    .filter(({ properties }) => properties.ApiId === api.ref)
    .map(({ logicalId, properties }) => {
      const routeKey: string = properties.RouteKey;
      const integration = stack
        .ofType('AWS::ApiGatewayV2::Integration')
        .find(({ ref }) => `integrations/${ref}` === properties.Target);
      if (integration === undefined) throw new Error(`${logicalId} leads to no integration`);
      const { IntegrationUri, PayloadFormatVersion, TimeoutInMillis } = integration.properties;
      if (PayloadFormatVersion !== '2.0') throw new Error(`${logicalId} needs payload format 2.0`);
      const permitted = routeKey === DEFAULT_ROUTE ? DEFAULT_ROUTE : routeKey.replace(' ', '');
      return {
        routeKey,
        functionArn: functionArnIn(IntegrationUri),
        timeoutMs: TimeoutInMillis ?? MAX_TIMEOUT_MS,
        sourceArn: `arn:aws:execute-api:${stack.region}:${stack.account}:${api.ref}/${DEFAULT_STAGE}/${permitted}`,
      };
    });

/** The function's own ARN, or that of its invocations as a path of API Gateway. */
const functionArnIn = (uri: string): string => /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;

/** The most specific route: its fixed parts weigh more the further left they stand, then its method. */
export const findRoute = (routes: readonly HttpRoute[], method: string, path: string): RouteMatch | undefined =>
  routes
    .flatMap((route) => matchOf(route, method, path) ?? [])
    .toSorted((a, b) => (a.weight < b.weight ? -1 : 1))
    .at(0);

/** `weight`: the smaller comes first. */
const matchOf = (
  route: HttpRoute,
  method: string,
  path: string,
): (RouteMatch & { readonly weight: string }) | undefined => {
  if (route.routeKey === DEFAULT_ROUTE) return { route, pathParameters: {}, weight: 'default' };
  const [wantedMethod = '', pattern = ''] = route.routeKey.split(' ');
  if (wantedMethod !== 'ANY' && wantedMethod !== method) return undefined;
  const pathParameters: Record<string, string> = {};
  const parts = path.split('/');
  const wanted = pattern.split('/');
  let weight = '';
  for (const [index, want] of wanted.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    const [, name, isGreedy] = /^\{([^}+]+)(\+)?\}$/.exec(want) ?? [];
    if (name === undefined) {
      if (want !== part) return undefined;
      weight += 'a';
    } else if (isGreedy) {
      const rest = parts.slice(index).join('/');
      if (rest === '') return undefined;
      return { route, pathParameters: { ...pathParameters, [name]: decodeURIComponent(rest) }, weight: `${weight}c` };
    } else {
      if (part === '') return undefined;
      pathParameters[name] = decodeURIComponent(part);
      weight += 'b';
    }
  }
  if (parts.length !== wanted.length) return undefined;
  return { route, pathParameters, weight: `${weight}${wantedMethod === 'ANY' ? 'b' : 'a'}` };
};

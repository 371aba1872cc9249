import { z } from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import type { PathParam } from './path-params.ts';
import { PROBLEMS } from './problems.ts';
import { defineRoute, type ResponseSpec, type Route } from './route.ts';

type JsonObject = { [key: string]: unknown };

/** OpenAPI names no wildcard method; these are the ones that clients send. */
const ALL_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

const PROBLEM = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    divergences: z
      .array(z.strictObject({ step: z.string(), expected: z.string(), got: z.string() }))
      .optional()
      .describe('With `instance.cannot_move`'),
  })
  .meta({ id: 'Problem' });

const TRACE_HEADERS = {
  'x-trace-id': {
    description: "The caller's trace where it told of one, or a new one",
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  },
  traceparent: {
    description: 'The same as W3C Trace Context, with the id of what the service did for this request',
    schema: { type: 'string', pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$' },
  },
};

/** Of every answer, whatever it says. */
const headers = Object.fromEntries(
  Object.keys(TRACE_HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);

/** The route that serves the document of `routes` and itself. */
export const openApiRoute = (routes: readonly Route[]): Route => {
  let document: JsonObject | undefined;
  const route = defineRoute({
    method: 'GET',
    path: '/v1/openapi.json',
    tag: 'front door',
    summary: 'This document',
    access: 'public',
    params: {},
    responses: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
    problems: [],
    handle: async () => {
      document ??= describeRoutes([...routes, route]);
      return { status: 200, body: document };
    },
  });
  return route;
};

/** OpenAPI 3.1 of a routes table. */
export const describeRoutes = (routes: readonly Route[]): JsonObject => {
  const schemas: JsonObject = {};
  const paths: { [path: string]: JsonObject } = {};
  for (const route of routes) {
    const path = documentPath(route.path);
    const entry = paths[path] ?? {};
    paths[path] = entry;
    const methods = route.method === 'ANY' ? ALL_METHODS : [route.method.toLowerCase()];
    for (const method of methods) entry[method] = describeRoute(route, method, schemas);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tenon', version: '1', summary: 'Durable workflows that follow the tenant' },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    paths,
    components: {
      schemas,
      headers: TRACE_HEADERS,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: "The operator key, or a tenant's own key" },
      },
    },
  };
};

/** The front door's `*` is a part of the path like any other. */
const documentPath = (path: string): string => path.replace(/\*$/, '{path}');

const describeRoute = (route: Route, method: string, schemas: JsonObject): JsonObject => ({
  operationId: operationId(route, method),
  tags: [route.tag],
  summary: route.summary,
  security: route.access === 'public' ? [] : [{ key: [] }],
  'x-tenon-access': route.access,
  parameters: [...pathParameters(route), ...queryParameters(route, schemas)],
  ...requestBody(route, schemas),
  responses: { ...ownResponses(route, schemas), ...problemResponses(route, schemas) },
});

const operationId = ({ path }: Route, method: string): string => {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '' && word !== 'v');
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
};

const pathParameters = (route: Route): JsonObject[] => {
  const named = Object.entries<PathParam>(route.params).map(([name, { description }]) => ({ name, description }));
  const rest = route.path.endsWith('*') ? [{ name: 'path', description: 'Any path, slashes included' }] : [];
  return [...named, ...rest].map((param) => ({ ...param, in: 'path', required: true, schema: { type: 'string' } }));
};

const queryParameters = (route: Route, schemas: JsonObject): JsonObject[] => {
  if (route.query === undefined) return [];
  const { properties = {}, required = [] } = toSchema(route.query, 'input', schemas) as {
    properties?: Record<string, JsonObject>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
};

const requestBody = ({ body }: Route, schemas: JsonObject): JsonObject => {
  if (body === undefined) return {};
  if (body.kind === 'bytes') return { requestBody: { required: false, content: { '*/*': {} } } };
  const schema = body.schema === undefined ? {} : toSchema(body.schema, 'input', schemas);
  return { requestBody: { required: body.kind === 'json', content: { 'application/json': { schema } } } };
};

const ownResponses = (route: Route, schemas: JsonObject): JsonObject => {
  const described = Object.entries<ResponseSpec>(route.responses).map(([status, spec]) => [
    status,
    { description: spec.description, headers, ...contentOf(spec, schemas) },
  ]);
  if (route.method === 'ANY') described.push(['default', { description: "The tenant's own answer", headers }]);
  return Object.fromEntries(described) as JsonObject;
};

const contentOf = ({ schema, contentType }: ResponseSpec, schemas: JsonObject): JsonObject => {
  const asJson = schema && { 'application/json': { schema: toSchema(schema, 'output', schemas) } };
  const content = { ...asJson, ...(contentType !== undefined && { [contentType]: {} }) };
  return Object.keys(content).length === 0 ? {} : { content };
};

const problemResponses = (route: Route, schemas: JsonObject): JsonObject => {
  toSchema(PROBLEM, 'output', schemas);
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codesOf(route)) {
    const { status } = PROBLEMS[code];
    const codes = byStatus.get(status) ?? new Set();
    byStatus.set(status, codes.add(code));
  }
  const responses: JsonObject = {};
  for (const [status, codes] of byStatus) {
    const ofStatus = { properties: { status: { const: status }, code: { enum: [...codes].sort() } } };
    responses[status] = {
      description: [...codes].map((code) => PROBLEMS[code].title).join('; '),
      headers,
      content: {
        'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, ofStatus] } },
      },
    };
  }
  return responses;
};

/** What a route may refuse with: its own codes, and those of the checks before its handler. */
const codesOf = (route: Route): ReadonlySet<ErrorCode> => {
  const codes = new Set<ErrorCode>([...route.problems, 'internal']);
  if (route.access !== 'public') {
    codes.add('auth.missing').add('auth.invalid').add('request.invalid').add('request.malformed');
  }
  if (route.access !== 'public' || 'tenant' in route.params) codes.add('rate.limited');
  if (route.access === 'operator') codes.add('auth.forbidden');
  for (const param of Object.values<PathParam>(route.params)) codes.add('request.malformed').add(param.refuse().code);
  if (route.body !== undefined && route.body.kind !== 'bytes') codes.add('payload.too_large');
  return codes;
};

/** A zod schema as JSON Schema; named parts go to the document's components. */
const toSchema = (schema: z.ZodType, io: 'input' | 'output', schemas: JsonObject): JsonObject => {
  const { $schema: _, $defs, ...root } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  for (const [name, part] of Object.entries(($defs ?? {}) as JsonObject)) schemas[name] = pointToComponents(part);
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) return pointToComponents(root) as JsonObject;
  // A named schema comes out either whole or as a reference to its own definition.
  if (root.$ref === undefined) schemas[id] = pointToComponents(root);
  return { $ref: `#/components/schemas/${id}` };
};

const pointToComponents = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(pointToComponents);
  if (typeof part !== 'object' || part === null) return part;
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(part)) {
    // The name is the component's own; in the part itself it would be an address.
    if (key === 'id' && typeof value === 'string') continue;
    copy[key] =
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : pointToComponents(value);
  }
  return copy;
};

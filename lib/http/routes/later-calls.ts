import { z } from 'zod';
import { TenonError } from '../../core/errors.ts';
import { type PathParam, POLICY } from '../path-params.ts';
import { type Access, defineRoute, type Method, type Route } from '../route.ts';

/** Calls of the contract that are answered 501 so far: known by name, with their keys checked. */
const later = (
  method: Method,
  path: string,
  summary: string,
  params: Readonly<Record<string, PathParam>>,
  access: Access = 'tenant',
): Route =>
  defineRoute({
    method,
    path,
    tag: 'later',
    summary: `${summary} (not available yet)`,
    access,
    params,
    query: z.record(z.string(), z.string()),
    responses: {},
    problems: ['not_available_yet'],
    body: { kind: 'bytes' },
    handle: async () => {
      throw new TenonError('not_available_yet', 'This call is not available yet.');
    },
  });

const policy = { name: POLICY };

export const LATER_ROUTES: readonly Route[] = [
  later('PUT', '/v1/policies/{name}', 'Set a rule for all tenants', policy, 'operator'),
  later('GET', '/v1/policies/{name}', 'Read a rule for all tenants', policy, 'operator'),
  later('DELETE', '/v1/policies/{name}', 'Remove a rule for all tenants', policy, 'operator'),
];

import { z } from 'zod';
import { MAX_WAIT_MS } from '../../core/limits.ts';
import { isTenantId, isWorkflowName, MAX_STEP_NAME_LENGTH } from '../../core/names.ts';
import { deletePolicy, type Policy, putPolicy, readPolicy } from '../../service/put-policy.ts';
import { given, isoTime } from '../instance-view.ts';
import { POLICY } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { duration, time } from '../schemas.ts';

const tag = 'policies';
const MAX_NAMES = 100;
const MAX_REASON = 500;
const MAX_STARS = 8;
const NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/;

const namesOf = (isName: (text: string) => boolean, what: string) =>
  z
    .array(z.string().refine(isName, `must be ${what}`))
    .min(1, 'names at least one; leave it out for all')
    .max(MAX_NAMES, `has at most ${MAX_NAMES} names`);

const member = z.string().refine((text) => NAME.test(text), 'must be a name as tenant code has it after env.');

const subject = z.union(
  [
    z.strictObject({
      step: z
        .string()
        .min(1)
        .max(MAX_STEP_NAME_LENGTH)
        .refine((text) => text.split('*').length <= MAX_STARS + 1, `has at most ${MAX_STARS} *`)
        .describe('The name of a `step.do`; `*` stands for any characters'),
    }),
    z.strictObject({ binding: member, method: member.optional() }),
  ],
  { error: 'must be { step: "name" } or { binding: "NAME", method?: "name" }' },
);

const timeout = duration.refine((ms) => ms >= 1 && ms <= MAX_WAIT_MS, 'must be longer than 0 and at most 366 days');

const policyBody = z
  .strictObject({
    tenants: namesOf(isTenantId, "a tenant's id").optional().describe('@default all tenants'),
    workflows: namesOf(isWorkflowName, "a workflow's name").optional().describe('@default all workflows'),
    before: subject,
    action: z.enum(['approve', 'refuse']),
    reason: z.string().min(1).max(MAX_REASON).optional().describe('With `refuse`: what the tenant is told'),
    timeout: timeout
      .optional()
      .describe('With `approve`: without an answer it is refused after that. @default 366 days'),
  })
  .refine(({ action, reason }) => (action === 'refuse') === (reason !== undefined), {
    message: 'goes with refuse, which needs it',
    path: ['reason'],
  })
  .refine(({ action, timeout: ms }) => ms === undefined || action === 'approve', {
    message: 'goes with approve',
    path: ['timeout'],
  });

const policyShape = z
  .strictObject({
    name: z.string(),
    tenants: z.array(z.string()).optional(),
    workflows: z.array(z.string()).optional(),
    before: z.union([
      z.strictObject({ step: z.string() }),
      z.strictObject({ binding: z.string(), method: z.string().optional() }),
    ]),
    action: z.enum(['approve', 'refuse']),
    reason: z.string().optional(),
    timeout: z.number().optional().describe('Milliseconds'),
    updatedAt: time,
  })
  .meta({ id: 'Policy' });

const policyView = ({ name, tenants, workflows, before, action, updatedAt }: Policy) => ({
  name,
  ...given('tenants', tenants, (ids) => ids),
  ...given('workflows', workflows, (names) => names),
  before,
  action: action.kind,
  ...(action.kind === 'refuse' ? { reason: action.reason } : { timeout: action.timeoutMs }),
  updatedAt: isoTime(updatedAt),
});

const policyOf = (name: string, body: z.output<typeof policyBody>): Omit<Policy, 'updatedAt'> => ({
  name,
  ...given('tenants', body.tenants, (ids) => ids),
  ...given('workflows', body.workflows, (names) => names),
  before: body.before,
  action:
    body.action === 'refuse'
      ? { kind: 'refuse', reason: body.reason ?? '' }
      : { kind: 'approve', timeoutMs: body.timeout ?? MAX_WAIT_MS },
});

export const POLICY_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/policies',
    tag,
    summary: 'List the policies by name, all of them',
    access: 'operator',
    params: {},
    responses: { 200: { description: 'The policies', schema: z.strictObject({ policies: z.array(policyShape) }) } },
    problems: [],
    handle: async ({ app }) => ({
      status: 200,
      body: { policies: (await app.deps.policies.list()).map(policyView) },
    }),
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/policies/{name}',
    tag,
    summary: "Set what holds before a step or a binding's call, for all tenants or some, in place of what had the name",
    access: 'operator',
    params: { name: POLICY },
    body: { kind: 'json', schema: policyBody },
    responses: {
      200: { description: 'Replaced: each turn that begins from now on goes by it', schema: policyShape },
      201: { description: 'Set: each turn that begins from now on goes by it', schema: policyShape },
    },
    problems: ['quota.exceeded'],
    handle: async ({ app, path, body }) => {
      const { policy, isNew } = await putPolicy(app.deps, policyOf(path.name, body));
      return { status: isNew ? 201 : 200, body: policyView(policy) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/policies/{name}',
    tag,
    summary: 'Read a policy',
    access: 'operator',
    params: { name: POLICY },
    responses: { 200: { description: 'The policy', schema: policyShape } },
    problems: ['policy.not_found'],
    handle: async ({ app, path }) => ({ status: 200, body: policyView(await readPolicy(app.deps, path.name)) }),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/policies/{name}',
    tag,
    summary: 'Remove a policy; what waits for an approval by it goes on waiting for that',
    access: 'operator',
    params: { name: POLICY },
    responses: { 204: { description: 'Removed: no turn that begins from now on goes by it' } },
    problems: ['policy.not_found'],
    handle: async ({ app, path }) => {
      await deletePolicy(app.deps, path.name);
      return { status: 204 };
    },
  }),
];

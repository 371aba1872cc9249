import { hash } from 'node:crypto';
import { isInstanceId, isTenantId, isWorkflowName } from '../core/names.ts';
import type { InstanceKey, Summary } from '../ports/instance-store.ts';

/**
 * The token of a deferred result is `<place>.<life>.<secret>`. Place and life only say where to look: what permits is the
 * secret, of 256 bits, and that the hash of the whole token stands in the journal of just this instance. So a guest that
 * writes another instance's place into a token has made one that nobody knows.
 */

/** 540 characters hold the longest names that there are. */
const TOKEN = /^([A-Za-z0-9_-]{1,540})\.([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/;
const LIFE_CHARS = 22;

export const isDeferredToken = (token: string): boolean => TOKEN.test(token);

/** SHA-256, lower-case hex: the only form in which a token is kept. */
export const hashToken = (token: string): string => hash('sha256', token);

/** What the tokens of this life start with. */
export const tokenPrefix = (summary: InstanceKey & Pick<Summary, 'seed'>): string => {
  const { tenant, workflow, id } = summary;
  return `${Buffer.from(`${tenant}/${workflow}/${id}`).toString('base64url')}.${lifeOf(summary)}`;
};

/** Where a completion goes. `life`: to be compared with `lifeOf` before a journal is read for a stranger. */
export const readToken = (token: string): { readonly key: InstanceKey; readonly life: string } | undefined => {
  const [, place = '', life = ''] = TOKEN.exec(token) ?? [];
  const [tenant = '', workflow = '', id = '', ...rest] = Buffer.from(place, 'base64url').toString('latin1').split('/');
  if (!isTenantId(tenant) || !isWorkflowName(workflow) || !isInstanceId(id) || rest.length > 0) return undefined;
  return { key: { tenant, workflow, id }, life };
};

/**
 * Names a life as far as tokens go: a restart from a step keeps it, as it keeps the attempts that are open before that
 * step. Not the seed itself, from which whoever holds a token could tell what `run()` takes for random.
 */
export const lifeOf = ({ seed }: Pick<Summary, 'seed'>): string =>
  hash('sha256', `deferred results of ${seed}`, 'base64url').slice(0, LIFE_CHARS);

import { type ErrorCode, TenonError } from '../core/errors.ts';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Every code with its status and its title; the title says the same for each occurrence (RFC 9457). */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = {
  'auth.missing': { status: 401, title: 'A key is needed' },
  'auth.invalid': { status: 401, title: 'The key is not valid' },
  'auth.forbidden': { status: 403, title: 'The key does not allow this' },
  'request.malformed': { status: 400, title: 'The request cannot be read' },
  'request.invalid': { status: 422, title: 'A field is not valid' },
  'request.method_not_allowed': { status: 405, title: 'The method is not allowed here' },
  'payload.too_large': { status: 413, title: 'The body is too large' },
  'rate.limited': { status: 429, title: 'Too many requests' },
  'quota.exceeded': { status: 429, title: 'The quota is used up' },
  'route.not_found': { status: 404, title: 'There is nothing here' },
  'tenant.not_found': { status: 404, title: 'No such tenant' },
  'workflow.not_found': { status: 404, title: 'No such workflow' },
  'version.not_found': { status: 404, title: 'No such version' },
  'source.not_found': { status: 404, title: 'The source is not there' },
  'source.too_large': { status: 409, title: 'The source is too large' },
  'bundle.not_found': { status: 404, title: 'No such bundle' },
  'key.not_found': { status: 404, title: 'No such key' },
  'env.not_found': { status: 404, title: 'No such variable' },
  'step.not_found': { status: 404, title: 'No such step' },
  'check.not_found': { status: 404, title: 'No such check' },
  'policy.not_found': { status: 404, title: 'No such policy' },
  'approval.not_found': { status: 404, title: 'No such approval' },
  'approval.settled': { status: 409, title: 'The approval is settled' },
  'instance.not_found': { status: 404, title: 'No such instance' },
  'tenant.already_exists': { status: 409, title: 'The tenant exists' },
  'tenant.suspended': { status: 403, title: 'The tenant is suspended' },
  'version.none_active': { status: 409, title: 'No version is active' },
  'version.check_failed': { status: 409, title: 'The check failed' },
  'version.check_stale': { status: 409, title: 'There is no fresh check' },
  'fetch.not_exported': { status: 404, title: 'The tenant answers no requests' },
  'instance.already_exists': { status: 409, title: 'The instance exists' },
  'instance.cannot_terminate': { status: 409, title: 'The instance cannot be terminated' },
  'instance.cannot_restart': { status: 409, title: 'The instance cannot be restarted' },
  'instance.cannot_move': { status: 409, title: 'The instance cannot be moved' },
  'instance.finished': { status: 409, title: 'The instance has finished' },
  'deferred.not_found': { status: 404, title: 'No such deferred result' },
  'deferred.settled': { status: 409, title: 'The deferred result is settled' },
  'download.not_found': { status: 404, title: 'No such download' },
  'upload.wrong_size': { status: 422, title: 'The upload has another size' },
  'upload.wrong_digest': { status: 422, title: 'The upload has another digest' },
  'upload.expired': { status: 410, title: 'The upload link has expired' },
  'upload.used': { status: 409, title: 'The upload link has been used' },
  'upload.invalid': { status: 403, title: 'The upload link is not valid' },
  internal: { status: 500, title: 'Something went wrong here' },
};

/** The problem's `type`: a name, not a place. */
export const problemType = (code: ErrorCode): string => `urn:tenon:problem:${code}`;

const UNEXPECTED = 'The request failed on our side. Try again; if it stays so, tell the operator.';

/**
 * The answer for whatever was thrown. Of an unexpected error nothing leaves; it goes to `onError` instead.
 * `moreHeaders` of a `TenonError` come from its kind: `Retry-After`, `WWW-Authenticate`.
 */
export const problemResponse = (
  error: unknown,
  onError: (error: unknown) => void,
  moreHeaders: Readonly<Record<string, string>> = {},
): Response => {
  const isExpected = isRefusal(error);
  if (!isExpected) onError(error);
  const code = isExpected ? error.code : 'internal';
  const { status, title } = PROBLEMS[code];
  const body = {
    type: problemType(code),
    title,
    status,
    detail: isExpected ? error.message : UNEXPECTED,
    code,
    ...(isExpected && error.fields !== undefined ? { errors: error.fields } : {}),
    ...(isExpected && error.divergences !== undefined ? { divergences: error.divergences } : {}),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 429 ? { 'retry-after': `${retryAfterS(error)}` } : {}),
      ...moreHeaders,
    },
  });
};

/** Of the answer for whatever was thrown. */
export const statusOf = (error: unknown): number => PROBLEMS[isRefusal(error) ? error.code : 'internal'].status;

const isRefusal = (error: unknown): error is TenonError => error instanceof TenonError && error.code !== 'internal';

const retryAfterS = (error: unknown): number =>
  Math.max(1, Math.ceil((error instanceof TenonError ? error.retryAfterS : undefined) ?? 1));

/**
 * Refusals of the engine and of the services: a closed set of stable codes that the HTTP layer turns into problems.
 * `message` is for the person who called: it says what to change and never names a path, a stack or another tenant.
 */
export type ErrorCode =
  | 'auth.missing'
  | 'auth.invalid'
  | 'auth.forbidden'
  | 'request.malformed'
  | 'request.invalid'
  | 'request.method_not_allowed'
  | 'payload.too_large'
  | 'rate.limited'
  | 'quota.exceeded'
  | 'route.not_found'
  | 'tenant.not_found'
  | 'workflow.not_found'
  | 'version.not_found'
  | 'source.not_found'
  | 'source.too_large'
  | 'bundle.not_found'
  | 'key.not_found'
  | 'env.not_found'
  | 'step.not_found'
  | 'check.not_found'
  | 'policy.not_found'
  | 'approval.not_found'
  | 'approval.settled'
  | 'instance.not_found'
  | 'tenant.already_exists'
  | 'tenant.suspended'
  | 'version.none_active'
  | 'version.check_failed'
  | 'version.check_stale'
  | 'fetch.not_exported'
  | 'instance.already_exists'
  | 'instance.cannot_terminate'
  | 'instance.cannot_restart'
  | 'instance.cannot_move'
  | 'instance.finished'
  | 'deferred.not_found'
  | 'deferred.settled'
  | 'download.not_found'
  | 'upload.wrong_size'
  | 'upload.wrong_digest'
  | 'upload.expired'
  | 'upload.used'
  | 'upload.invalid'
  | 'internal';

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** Where code and journal part ways, as people read it. */
export interface DivergenceShown {
  readonly step: string;
  readonly expected: string;
  readonly got: string;
}

/** Thrown by `service` and `core`, caught by `http` and `bindings`. */
export class TenonError extends Error {
  override readonly name = 'TenonError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[] | undefined;
  /** Seconds, with `rate.limited` and `quota.exceeded`. */
  readonly retryAfterS: number | undefined;
  /** With `instance.cannot_move`. */
  readonly divergences: readonly DivergenceShown[] | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      readonly fields?: readonly FieldProblem[];
      readonly retryAfterS?: number;
      readonly divergences?: readonly DivergenceShown[];
    } = {},
  ) {
    super(message);
    this.code = code;
    this.fields = more.fields;
    this.retryAfterS = more.retryAfterS;
    this.divergences = more.divergences;
  }
}

export const invalidField = (path: string, message: string): TenonError =>
  new TenonError('request.invalid', message, { fields: [{ path, message }] });

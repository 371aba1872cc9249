import type { AwsAnswer, LocalStack } from '../contract.ts';
import { bucketAndKeyOf } from './s3-addresses.ts';

interface CorsRule {
  readonly AllowedMethods: readonly string[];
  readonly AllowedOrigins: readonly string[];
  readonly AllowedHeaders?: readonly string[];
  readonly ExposedHeaders?: readonly string[];
  readonly MaxAge?: number;
}

type Headers = Readonly<Record<string, string>>;

interface CorsRequest {
  readonly stack: LocalStack;
  readonly path: string;
  readonly headers: Headers;
}

/** A browser's question before it uploads by a link; it carries no signature. Whether any rule of the bucket fits. */
export const answerPreflight = ({ stack, path, headers }: CorsRequest): AwsAnswer => {
  const origin = headers.origin;
  const method = headers['access-control-request-method'];
  if (origin === undefined || method === undefined) return refusal('Insufficient information. Origin header needed.');
  const wanted = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const names = wanted.filter((name) => name !== '');
  const rule = rulesOf(stack, path).find(
    (candidate) =>
      fits(candidate, origin, method) && names.every((name) => matchesAny(candidate.AllowedHeaders ?? [], name)),
  );
  if (rule === undefined) return refusal('CORSResponse: This CORS request is not allowed.');
  return {
    headers: {
      ...originHeaders(rule, origin),
      'access-control-allow-methods': rule.AllowedMethods.join(', '),
      ...(names.length > 0 && { 'access-control-allow-headers': names.join(', ') }),
      ...(rule.MaxAge !== undefined && { 'access-control-max-age': String(rule.MaxAge) }),
    },
  };
};

/** What an answer to a page of another origin carries, a refusal too; nothing where no rule fits. */
export const corsHeadersOf = ({ stack, path, headers, method }: CorsRequest & { readonly method: string }): Headers => {
  const { origin } = headers;
  if (origin === undefined) return {};
  const rule = rulesOf(stack, path).find((candidate) => fits(candidate, origin, method));
  if (rule === undefined) return {};
  const exposed = rule.ExposedHeaders ?? [];
  return {
    ...originHeaders(rule, origin),
    ...(exposed.length > 0 && { 'access-control-expose-headers': exposed.join(', ') }),
  };
};

const rulesOf = (stack: LocalStack, path: string): readonly CorsRule[] => {
  const { bucket } = bucketAndKeyOf(path);
  const found = stack.ofType('AWS::S3::Bucket').find(({ ref }) => ref === bucket);
  return found?.properties.CorsConfiguration?.CorsRules ?? [];
};

const fits = (rule: CorsRule, origin: string, method: string): boolean =>
  rule.AllowedMethods.includes(method) && matchesAny(rule.AllowedOrigins, origin);

/** A pattern may hold one asterisk. */
const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => {
    const [start = '', end] = pattern.toLowerCase().split('*');
    const lower = text.toLowerCase();
    if (end === undefined) return lower === start;
    return lower.length >= start.length + end.length && lower.startsWith(start) && lower.endsWith(end);
  });

const originHeaders = (rule: CorsRule, origin: string): Headers =>
  rule.AllowedOrigins.includes('*')
    ? { 'access-control-allow-origin': '*' }
    : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'Origin' };

const refusal = (message: string): AwsAnswer => ({
  status: 403,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessForbidden</Code><Message>${message}</Message></Error>`,
});

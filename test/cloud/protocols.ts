import type { AwsAnswer, AwsError, CallFault } from './contract.ts';
import type { WireRequest } from './signature/canonical-request.ts';

/** How a service says that a call failed. */
type Protocol = 'json' | 'rest_json' | 's3' | 'query';

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  s3: 's3',
  sts: 'query',
  lambda: 'rest_json',
  scheduler: 'rest_json',
};

/** An error in the form of the service's protocol. */
export const errorAnswer = (service: string, error: AwsError, requestId: string): AwsAnswer => {
  const { code, status, message } = error;
  switch (PROTOCOLS[service] ?? 'json') {
    case 's3':
      return xml(
        status,
        `<Error><Code>${code}</Code><Message>${xmlText(message)}</Message><RequestId>${requestId}</RequestId></Error>`,
      );
    case 'query':
      return xml(
        status,
        `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${xmlText(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      );
    case 'rest_json':
      return {
        status,
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
        body: JSON.stringify({ Message: message, message }),
      };
    case 'json':
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code },
        body: JSON.stringify({ __type: `com.amazonaws.${service}#${code}`, message }),
      };
  }
};

/** Operation out of the target's header or a form; empty where method and path say it. */
export const actionOf = ({ headers, body }: WireRequest): string => {
  const target = headers['x-amz-target'];
  if (target !== undefined) return target.slice(target.lastIndexOf('.') + 1);
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm ? (new URLSearchParams(body.toString()).get('Action') ?? '') : '';
};

/** A name for what method and path say, as the service's own documentation calls it, for faults and counts. */
export const operationOf = (service: string, request: WireRequest): string => {
  const { method, path, query } = request;
  const action = actionOf(request);
  if (action !== '') return action;
  const found = OPERATIONS.find(
    (operation) =>
      operation.service === service &&
      operation.method === method &&
      operation.path.test(path) &&
      (operation.query === undefined || new URLSearchParams(query).has(operation.query)),
  );
  return found?.name ?? method;
};

const BUCKET = /^\/[^/]+\/?$/;
const OBJECT = /^\/[^/]+\/.+/;
const SCHEDULE = /^\/schedules\/[^/]+$/;

/** The first that fits. */
const OPERATIONS: readonly {
  readonly service: string;
  readonly method: string;
  readonly path: RegExp;
  readonly query?: string;
  readonly name: string;
}[] = [
  { service: 's3', method: 'POST', path: OBJECT, query: 'uploads', name: 'CreateMultipartUpload' },
  { service: 's3', method: 'PUT', path: OBJECT, query: 'uploadId', name: 'UploadPart' },
  { service: 's3', method: 'POST', path: OBJECT, query: 'uploadId', name: 'CompleteMultipartUpload' },
  { service: 's3', method: 'DELETE', path: OBJECT, query: 'uploadId', name: 'AbortMultipartUpload' },
  { service: 's3', method: 'PUT', path: OBJECT, name: 'PutObject' },
  { service: 's3', method: 'GET', path: OBJECT, name: 'GetObject' },
  { service: 's3', method: 'HEAD', path: OBJECT, name: 'HeadObject' },
  { service: 's3', method: 'DELETE', path: OBJECT, name: 'DeleteObject' },
  { service: 's3', method: 'POST', path: BUCKET, query: 'delete', name: 'DeleteObjects' },
  { service: 's3', method: 'GET', path: BUCKET, query: 'list-type', name: 'ListObjectsV2' },
  { service: 's3', method: 'HEAD', path: BUCKET, name: 'HeadBucket' },
  { service: 'lambda', method: 'POST', path: /^\/2015-03-31\/functions\/[^/]+\/invocations$/, name: 'Invoke' },
  { service: 'scheduler', method: 'POST', path: SCHEDULE, name: 'CreateSchedule' },
  { service: 'scheduler', method: 'GET', path: SCHEDULE, name: 'GetSchedule' },
  { service: 'scheduler', method: 'PUT', path: SCHEDULE, name: 'UpdateSchedule' },
  { service: 'scheduler', method: 'DELETE', path: SCHEDULE, name: 'DeleteSchedule' },
];

/** Code and status by which a service says that something outside of the call went wrong. */
export const faultError = (
  service: string,
  fault: Exclude<CallFault, 'lost_answer'>,
): { readonly code: string; readonly status: number } => FAULTS[fault][service] ?? FAULTS[fault].other;

type Answers = Readonly<Record<string, { readonly code: string; readonly status: number }>> & {
  readonly other: { readonly code: string; readonly status: number };
};

const FAULTS: Readonly<Record<Exclude<CallFault, 'lost_answer'>, Answers>> = {
  throttle: {
    s3: { code: 'SlowDown', status: 503 },
    sts: { code: 'Throttling', status: 400 },
    lambda: { code: 'TooManyRequestsException', status: 429 },
    scheduler: { code: 'ThrottlingException', status: 429 },
    other: { code: 'ThrottlingException', status: 400 },
  },
  unavailable: {
    lambda: { code: 'ServiceException', status: 503 },
    scheduler: { code: 'InternalServerException', status: 503 },
    other: { code: 'ServiceUnavailable', status: 503 },
  },
  conflict: {
    dynamodb: { code: 'TransactionConflictException', status: 400 },
    s3: { code: 'ConditionalRequestConflict', status: 409 },
    lambda: { code: 'ResourceConflictException', status: 409 },
    other: { code: 'ConflictException', status: 409 },
  },
};

const xml = (status: number, text: string): AwsAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
});

const xmlText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

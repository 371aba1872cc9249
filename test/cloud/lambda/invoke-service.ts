import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  type AwsService,
  type LambdaHost,
  type LocalStack,
} from '../contract.ts';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;

export interface InvokeServiceOptions {
  readonly stack: LocalStack;
  readonly host: LambdaHost;
}

/** Lambda's API as far as functions call each other: `Invoke`. */
export const makeInvokeService = ({ stack, host }: InvokeServiceOptions): AwsService => ({
  name: 'lambda',
  handle: async (call) => {
    const [, encodedName] = INVOCATIONS.exec(call.path) ?? [];
    if (call.method !== 'POST' || encodedName === undefined) {
      throw new AwsError('UnknownOperationException', `${call.method} ${call.path} is not known here`, 404);
    }
    const functionArn = arnOf(stack, decodeURIComponent(encodedName));
    call.demand({ action: 'lambda:InvokeFunction', resource: functionArn });
    return invoke(host, functionArn, call);
  },
});

/** A name or an ARN, either with a qualifier: permission is asked for the function. */
const arnOf = ({ region, account }: LocalStack, nameOrArn: string): string => {
  const unqualified = nameOrArn.replace(/:\$LATEST$/, '');
  return unqualified.startsWith('arn:') ? unqualified : `arn:aws:lambda:${region}:${account}:function:${unqualified}`;
};

const invoke = async (host: LambdaHost, functionArn: string, call: AwsCall): Promise<AwsAnswer> => {
  const type = call.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const tenantId = call.headers['x-amz-tenant-id'];
  const params = { functionArn, payload: parse(call.body), ...(tenantId !== undefined && { tenantId }) };
  switch (type) {
    case 'RequestResponse': {
      const { payload, functionError } = await host.invoke(params);
      return {
        status: 200,
        headers: {
          'content-type': 'application/json',
          'x-amz-executed-version': '$LATEST',
          ...(functionError && { 'x-amz-function-error': functionError }),
        },
        body: JSON.stringify(payload),
      };
    }
    case 'Event':
      await host.invoke({ ...params, isAsync: true });
      return { status: 202 };
    case 'DryRun':
      return { status: 204 };
    default:
      throw new AwsError('InvalidParameterValueException', `${type} is no type of invocation`);
  }
};

/** No payload is an empty event. */
const parse = (body: Buffer): unknown => {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${error}`);
  }
};

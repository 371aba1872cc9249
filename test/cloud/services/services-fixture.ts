import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Authorizer,
  type AwsCall,
  AwsError,
  type AwsService,
  type InvocationResult,
  type LambdaHost,
  type LocalStack,
  type Need,
  type Principal,
  type StackResource,
} from '../contract.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

export const CALLER: Principal = { kind: 'role', roleArn: `arn:aws:iam::${ACCOUNT}:role/Caller`, tags: {} };

/** A stack of these resources, as if a template had been resolved. */
export const stackOf = (resources: readonly StackResource[]): LocalStack => {
  const ofType = (type: string): readonly StackResource[] => resources.filter((resource) => resource.type === type);
  return {
    name: 'Test',
    account: ACCOUNT,
    region: REGION,
    resources,
    outputs: {},
    assemblyFolder: '',
    ofType,
    find: (type, logicalIdPrefix = '') => {
      const found = ofType(type).filter(({ logicalId }) => logicalId.startsWith(logicalIdPrefix));
      const [resource] = found;
      if (resource === undefined || found.length > 1) throw new Error(`${found.length} of ${type} ${logicalIdPrefix}`);
      return resource;
    },
  };
};

/** Remembers what was demanded, and denies what a test says. */
export class RecordingAuthorizer implements Authorizer {
  readonly demands: { readonly principal: Principal; readonly need: Need }[] = [];
  readonly #denied = new Set<string>();

  /** `sqs:SendMessage`, or `s3:DeleteObject arn:...` for one resource */
  deny(what: string): void {
    this.#denied.add(what);
  }

  demand(principal: Principal, need: Need): void {
    this.demands.push({ principal, need });
    if (this.#denied.has(need.action) || this.#denied.has(`${need.action} ${need.resource}`)) {
      throw new AwsError('AccessDeniedException', `Not authorized: ${need.action} on ${need.resource}`, 403);
    }
  }

  /** `action resource`, in order. */
  asked(): readonly string[] {
    return this.demands.map(({ need: { action, resource } }) => `${action} ${resource}`);
  }
}

export interface ServiceServer {
  /** For a client of the SDK. */
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly maxAttempts: number;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly authorizer: RecordingAuthorizer;
  close(): Promise<void>;
}

/** One service behind HTTP, without signatures: what the SDK's own serializers say and understand. */
export const serve = async (service: AwsService): Promise<ServiceServer> => {
  const authorizer = new RecordingAuthorizer();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const target = request.headers['x-amz-target'];
    const call: AwsCall = {
      principal: CALLER,
      action: typeof target === 'string' ? (target.split('.').at(-1) ?? '') : '',
      method: request.method ?? '',
      path,
      query: new URLSearchParams(query),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks),
      isPresigned: query.includes('X-Amz-Signature'),
      demand: (need) => authorizer.demand(CALLER, need),
    };
    try {
      const answer = await service.handle(call);
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(answer.body);
    } catch (error) {
      const { code, message, status } = error instanceof AwsError ? error : new AwsError('Bug', String(error), 500);
      response.writeHead(status, { 'x-amzn-errortype': code });
      response.end(service.name === 's3' ? errorXml(code, message) : JSON.stringify({ __type: code, message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    config: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: REGION,
      maxAttempts: 1,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    authorizer,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const errorXml = (code: string, message: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

/** Functions that only take note of what they are invoked with, or fail as a test says. */
export class RecordingHost implements LambdaHost {
  readonly invocations: Parameters<LambdaHost['invoke']>[0][] = [];
  readonly answers: (() => InvocationResult)[] = [];

  async invoke(params: Parameters<LambdaHost['invoke']>[0]): Promise<InvocationResult> {
    this.invocations.push(params);
    return this.answers.shift()?.() ?? { payload: null };
  }
}

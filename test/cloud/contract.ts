/**
 * What the parts of the local cloud say to each other. The gateway takes calls over HTTP, tells by the signature who
 * calls, and hands them to the service that the signature names; a service says what permission the call needs before it
 * does anything. So a call without a permission in the synthesized policies fails here as it would on AWS.
 */

/** One resource of the template, every intrinsic function resolved. */
export interface StackResource {
  readonly logicalId: string;
  /** `AWS::SQS::Queue`, ... */
  readonly type: string;
  /** What `Ref` gives, such as a name or a URL. */
  readonly ref: string;
  /** What `Fn::GetAtt <id>.Arn` gives, where the type has one; else as `ref`. */
  readonly arn: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties have the shape of their type in CloudFormation
  readonly properties: any;
}

/** A deployed template. */
export interface LocalStack {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly StackResource[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Folder that `cdk synth` wrote: packages of functions lie there as `asset.<hash>`. */
  readonly assemblyFolder: string;
  ofType(type: string): readonly StackResource[];
  /** @throws Error where the stack has none, or more than one, of whose logical id begins so */
  find(type: string, logicalIdPrefix?: string): StackResource;
}

/** Who calls. */
export type Principal =
  | {
      readonly kind: 'role';
      readonly roleArn: string;
      /** Of a session: `aws:PrincipalTag/<name>`. */
      readonly tags: Readonly<Record<string, string>>;
      /** JSON text that narrows the session. */
      readonly sessionPolicy?: string;
    }
  /** A service of AWS that acts by a resource's own policy; `sourceArn` is what it acts for. */
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn: string };

/** Credentials as a function gets them in its environment, or a session from STS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** One thing that must be allowed. `context`: condition keys that the call brings; those of the principal are added. */
export interface Need {
  /** `dynamodb:PutItem` */
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Authorizer {
  /** @throws AwsError `AccessDenied...`, naming principal, action and resource */
  demand(principal: Principal, need: Need): void;
}

/** A call whose signature holds. Whether it is allowed is for the service to ask, by `demand`. */
export interface AwsCall {
  readonly principal: Principal;
  /** `PutItem` out of `X-Amz-Target`, `AssumeRole` out of a form's `Action`; empty where method and path say it. */
  readonly action: string;
  readonly method: string;
  /** As it came, still percent-encoded, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The signature is in the query. */
  readonly isPresigned: boolean;
  demand(need: Need): void;
}

export interface AwsAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface AwsService {
  /** As in the scope of a signature: `dynamodb`, `s3`, `sqs`, `scheduler`, `lambda`, `states`, `sts`, `kms`, ... */
  readonly name: string;
  handle(call: AwsCall): Promise<AwsAnswer>;
}

/** How a service refuses; the gateway puts it in the form of the service's protocol (JSON, or XML for S3 and STS). */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** What the test wants to go wrong; each part of the cloud asks before it does something that can. */
export interface Faults {
  /** Of one call at the gateway. `undefined`: nothing. */
  ofCall(service: string, action: string): CallFault | undefined;
  /** Of one delivery of a message, or firing of a schedule. */
  ofDelivery(what: 'message' | 'schedule'): DeliveryFault | undefined;
  /** Of one invocation; `kill` after that many milliseconds. */
  ofInvocation(functionLogicalId: string): InvocationFault | undefined;
}

/** `lost_answer`: done, and the connection drops before the answer. */
export type CallFault = 'throttle' | 'unavailable' | 'lost_answer' | 'conflict';
export type DeliveryFault =
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'lose' }
  | { readonly kind: 'delay'; readonly ms: number };
export type InvocationFault =
  | { readonly kind: 'kill'; readonly afterMs: number }
  /** The function's own time limit is cut to this. */
  | { readonly kind: 'time_out'; readonly afterMs: number };

export const noFaults: Faults = {
  ofCall: () => undefined,
  ofDelivery: () => undefined,
  ofInvocation: () => undefined,
};

/** Runs functions of the stack. */
export interface LambdaHost {
  /**
   * @param params.functionArn ARN or name
   * @param params.isAsync answers at once; retried as Lambda does with asynchronous invocations
   * @throws AwsError `ResourceNotFoundException`, `TooManyRequestsException`, `InvalidParameterValueException` (tenant id
   *   missing or unwanted)
   */
  invoke(params: {
    readonly functionArn: string;
    readonly payload: unknown;
    readonly tenantId?: string;
    readonly isAsync?: boolean;
  }): Promise<InvocationResult>;
}

export interface InvocationResult {
  /** What the handler returned, JSON; of a failure `{ errorType, errorMessage }`. */
  readonly payload: unknown;
  /** `Unhandled`: the handler threw, the process died or the time was up. */
  readonly functionError?: 'Unhandled';
}

export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The queue service as other parts of the cloud use it, within the process. */
export interface Queues {
  send(params: {
    readonly queueArn: string;
    readonly body: string;
    readonly groupId?: string;
    readonly delayS?: number;
  }): void;
  /** Waits up to `waitMs` for at least one message. Fair: groups take turns. */
  receive(params: {
    readonly queueArn: string;
    readonly max: number;
    readonly waitMs: number;
  }): Promise<readonly QueueMessage[]>;
  remove(params: { readonly queueArn: string; readonly receiptHandle: string }): void;
  /** Makes a message visible again after so long. */
  changeVisibility(params: {
    readonly queueArn: string;
    readonly receiptHandle: string;
    readonly delayS: number;
  }): void;
}

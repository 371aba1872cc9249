import { join } from 'node:path';
import type { LocalStack, StackResource } from '../contract.ts';

/** One function of the template, with the defaults that CloudFormation fills in. */
export interface FunctionSettings {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** `index.handler` */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly variables: Readonly<Record<string, string>>;
  /** `undefined`: it shares what the account has unreserved. */
  readonly reservedConcurrency: number | undefined;
  readonly isPerTenant: boolean;
  readonly logFormat: string;
  /** `undefined`: none was made for it, and its role may not make one. */
  readonly logGroup: string | undefined;
  /** Unpacked, as `cdk synth` left it. */
  readonly assetFolder: string;
  readonly architecture: string;
}

export const functionsOf = (stack: LocalStack): readonly FunctionSettings[] =>
  stack.ofType('AWS::Lambda::Function').map((resource) => settingsOf(resource, stack.assemblyFolder));

const settingsOf = ({ logicalId, ref, arn, properties }: StackResource, assemblyFolder: string): FunctionSettings => ({
  logicalId,
  name: ref,
  arn,
  roleArn: properties.Role,
  handler: properties.Handler,
  memoryMb: properties.MemorySize ?? 128,
  timeoutMs: (properties.Timeout ?? 3) * 1_000,
  variables: properties.Environment?.Variables ?? {},
  reservedConcurrency: properties.ReservedConcurrentExecutions,
  isPerTenant: properties.TenancyConfig?.TenantIsolationMode === 'PER_TENANT',
  logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
  logGroup: properties.LoggingConfig?.LogGroup,
  assetFolder: join(assemblyFolder, `asset.${String(properties.Code.S3Key).replace(/\.zip$/, '')}`),
  architecture: properties.Architectures?.[0] ?? 'x86_64',
});

/** How often, and how long, an asynchronous invocation is tried again. */
export interface AsyncSettings {
  readonly maxRetries: number;
  readonly maxAgeMs: number;
}

const SIX_HOURS_S = 6 * 60 * 60;

export const asyncSettingsOf = (stack: LocalStack, { name, arn }: FunctionSettings): AsyncSettings => {
  const config = stack
    .ofType('AWS::Lambda::EventInvokeConfig')
    .find(({ properties }) => properties.FunctionName === name || properties.FunctionName === arn);
  return {
    maxRetries: config?.properties.MaximumRetryAttempts ?? 2,
    maxAgeMs: (config?.properties.MaximumEventAgeInSeconds ?? SIX_HOURS_S) * 1_000,
  };
};

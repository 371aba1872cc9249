import { dirname } from 'node:path';
import type { Credentials } from '../contract.ts';
import type { FunctionSettings } from './function-settings.ts';

export interface EnvironmentPlace {
  readonly taskRoot: string;
  /** The environment's own: stands for Lambda's `/tmp`. */
  readonly tmpFolder: string;
  readonly logStream: string;
  readonly region: string;
  /** Where every service of AWS is reached. */
  readonly endpointUrl: string;
  readonly credentials: Credentials;
}

/** All that a function finds in its environment: what the template says, and what Lambda sets. `HOME` is not there. */
export const variablesOf = (
  settings: FunctionSettings,
  { taskRoot, tmpFolder, logStream, region, endpointUrl, credentials }: EnvironmentPlace,
): Readonly<Record<string, string>> => ({
  ...settings.variables,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: settings.name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: settings.logFormat,
  AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup ?? `/aws/lambda/${settings.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  LAMBDA_TASK_ROOT: taskRoot,
  _HANDLER: settings.handler,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
  // What differs from AWS: several environments share one machine, and no service has a name of its own.
  TMPDIR: tmpFolder,
  AWS_ENDPOINT_URL: endpointUrl,
});

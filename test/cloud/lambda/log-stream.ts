import type { Authorizer, LocalStack } from '../contract.ts';
import type { FunctionSettings } from './function-settings.ts';

export interface LogLine {
  readonly functionLogicalId: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly line: string;
}

export interface LogOptions {
  readonly stack: Pick<LocalStack, 'region' | 'account'>;
  readonly authorizer: Authorizer;
  readonly settings: FunctionSettings;
  readonly logStream: string;
  readonly onLog: (line: LogLine) => void;
}

/**
 * Takes the lines of one environment. Lambda writes them in the name of the function's role: without a log group or
 * without permission they are lost, and the function is none the wiser.
 */
export const openLogStream = (options: LogOptions): ((line: string) => void) => {
  const { stack, authorizer, settings, logStream, onLog } = options;
  const { logGroup, logicalId, roleArn } = settings;
  if (logGroup === undefined) return () => {};
  const resource = `arn:aws:logs:${stack.region}:${stack.account}:log-group:${logGroup}:log-stream:${logStream}`;
  const isAllowed = ['logs:CreateLogStream', 'logs:PutLogEvents'].every((action) => {
    try {
      authorizer.demand({ kind: 'role', roleArn, tags: {} }, { action, resource });
      return true;
    } catch {
      return false;
    }
  });
  return (line) => {
    if (isAllowed) onLog({ functionLogicalId: logicalId, logGroup, logStream, line });
  };
};

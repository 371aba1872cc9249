import { type Authorizer, AwsError, type LambdaHost, type LocalStack, type Principal } from '../contract.ts';
import { readVariables } from './build-projects.ts';
import type { Build, CodeBuild } from './code-build.ts';
import { assumeAsService } from './service-roles.ts';

/** By its name the interpreter finds the retrier and the catcher; its message is the cause. */
export class TaskFailure extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/** What tasks of one execution work with. */
export interface TaskContext {
  readonly stack: LocalStack;
  readonly authorizer: Authorizer;
  readonly lambda: LambdaHost;
  readonly codeBuild: CodeBuild;
  readonly stateMachineArn: string;
  readonly roleArn: string;
  /** The execution, or the time of this task, is over. */
  readonly signal: AbortSignal;
}

export interface Task {
  /** What `Parameters` may say. */
  readonly parameters: readonly string[];
  /** @throws TaskFailure */
  run(parameters: Readonly<Record<string, unknown>>, context: TaskContext): Promise<object>;
}

/** The rule by which Step Functions hears that a build has ended; the service makes it, in the name of the role. */
const BUILD_RULE = 'StepFunctionsGetEventForCodeBuildStartBuildRule';

const startBuild: Task = {
  parameters: ['ProjectName', 'EnvironmentVariablesOverride'],
  run: (parameters, context) =>
    asService('CodeBuild', async () => {
      const { stack, authorizer, codeBuild, signal } = context;
      const projectName = String(parameters.ProjectName);
      const project = `arn:aws:codebuild:${stack.region}:${stack.account}:project/${projectName}`;
      const role = roleOf(context);
      const rule = `arn:aws:events:${stack.region}:${stack.account}:rule/${BUILD_RULE}`;
      for (const action of ['events:PutRule', 'events:PutTargets', 'events:DescribeRule']) {
        authorizer.demand(role, { action, resource: rule });
      }
      authorizer.demand(role, { action: 'codebuild:StartBuild', resource: project });
      const variables = readVariables(parameters.EnvironmentVariablesOverride, projectName);
      const build = codeBuild.start({ projectName, variables });
      const stop = (): void => stopBuild(context, role, project, build);
      signal.addEventListener('abort', stop);
      try {
        // It looks now and then, in case it did not hear.
        authorizer.demand(role, { action: 'codebuild:BatchGetBuilds', resource: project });
        const { status, description } = await build.ended;
        if (status !== 'SUCCEEDED') throw new TaskFailure('States.TaskFailed', JSON.stringify(description));
        return { Build: description };
      } finally {
        signal.removeEventListener('abort', stop);
      }
    }),
};

/** What the role may not stop goes on. */
const stopBuild = ({ authorizer }: TaskContext, role: Principal, project: string, build: Build): void => {
  try {
    authorizer.demand(role, { action: 'codebuild:StopBuild', resource: project });
  } catch (error) {
    if (error instanceof AwsError) return;
    throw error;
  }
  build.stop();
};

const invokeFunction: Task = {
  parameters: ['FunctionName', 'Payload'],
  run: (parameters, context) =>
    asService('Lambda', async () => {
      const { stack, authorizer, lambda } = context;
      const name = String(parameters.FunctionName);
      const functionArn = name.startsWith('arn:')
        ? name
        : `arn:aws:lambda:${stack.region}:${stack.account}:function:${name}`;
      authorizer.demand(roleOf(context), { action: 'lambda:InvokeFunction', resource: functionArn });
      const { payload, functionError } = await lambda.invoke({ functionArn, payload: parameters.Payload ?? {} });
      if (functionError !== undefined) {
        const { errorType = 'Lambda.Unknown' } = (payload ?? {}) as { readonly errorType?: string };
        throw new TaskFailure(errorType, JSON.stringify(payload));
      }
      return { ExecutedVersion: '$LATEST', Payload: payload ?? null, StatusCode: 200 };
    }),
};

/** By the `Resource` of a state. */
export const TASKS: Readonly<Record<string, Task>> = {
  'arn:aws:states:::codebuild:startBuild.sync': startBuild,
  'arn:aws:states:::lambda:invoke': invokeFunction,
};

const roleOf = ({ stack, authorizer, stateMachineArn, roleArn }: TaskContext): Principal =>
  assumeAsService({ authorizer, stack, service: 'states.amazonaws.com', roleArn, sourceArn: stateMachineArn });

/** A refusal of a service is an error of the task, named after the service. */
const asService = async (service: string, run: () => Promise<object>): Promise<object> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AwsError) throw new TaskFailure(`${service}.${error.code}`, error.message);
    throw error;
  }
};

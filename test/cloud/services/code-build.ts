import { randomUUID } from 'node:crypto';
import { type Authorizer, AwsError, type LocalStack } from '../contract.ts';
import { type BuildProject, readProjects } from './build-projects.ts';
import { runCommands, type ShellRun } from './build-shell.ts';
import { assumeAsService } from './service-roles.ts';

/** What the service takes of one variable. */
const MAX_VARIABLE_CHARS = 4_096;

export type BuildStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';

export interface BuildResult {
  readonly status: BuildStatus;
  /** As the service describes a build that has ended, in the names of Step Functions. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly log: string;
}

export interface Build {
  readonly id: string;
  readonly ended: Promise<BuildResult>;
  stop(): void;
}

export interface CodeBuild {
  /** @throws AwsError `ResourceNotFoundException`, `InvalidInputException` (of a variable) */
  start(params: { readonly projectName: string; readonly variables: Readonly<Record<string, string>> }): Build;
  /** Of builds that have ended, in that order, for whoever wonders why one failed. */
  readonly results: readonly BuildResult[];
  /** Stops what runs; nothing of it is left afterwards. */
  close(): Promise<void>;
}

/** Builds of the template's projects, as processes of this machine. `limitMs`: less time than the projects say. */
export const makeCodeBuild = (params: {
  readonly stack: LocalStack;
  readonly authorizer: Authorizer;
  readonly limitMs?: number;
}): CodeBuild => {
  const { stack, authorizer, limitMs = Number.POSITIVE_INFINITY } = params;
  const projects = readProjects(stack);
  const running = new Set<Build>();
  const results: BuildResult[] = [];
  let isClosed = false;
  const find = (name: string): BuildProject => {
    const project = projects.find((candidate) => candidate.name === name);
    if (project === undefined) throw new AwsError('ResourceNotFoundException', `Project cannot be found: ${name}`);
    return project;
  };
  const startBuild = (project: BuildProject, overrides: Readonly<Record<string, string>>): Build => {
    const id = `${project.name}:${randomUUID()}`;
    const startedAt = Date.now();
    const end = (status: BuildStatus, log: string): BuildResult => ({
      status,
      log,
      description: describe({ stack, project, id, startedAt, status }),
    });
    const denied = logDenial(authorizer, stack, project, id);
    if (denied !== undefined) return { id, ended: Promise.resolve(end('FAILED', denied)), stop: () => {} };
    const shell = runCommands({
      commands: project.commands,
      variables: {
        AWS_REGION: stack.region,
        AWS_DEFAULT_REGION: stack.region,
        CODEBUILD_BUILD_ID: id,
        CODEBUILD_BUILD_ARN: buildArn(stack, id),
        ...project.variables,
        ...overrides,
      },
      limitMs: Math.min(project.limitMs, limitMs),
    });
    return {
      id,
      ended: shell.ended.then((ended) => end(statusOf(ended), ended.log)),
      stop: () => shell.stop(),
    };
  };
  return {
    results,
    start: ({ projectName, variables }) => {
      if (isClosed) throw new Error('The local cloud is closed.');
      const project = find(projectName);
      checkVariables(variables);
      const build = startBuild(project, variables);
      running.add(build);
      void build.ended
        .then((result) => results.push(result))
        .catch(() => {})
        .then(() => running.delete(build));
      return build;
    },
    close: async () => {
      isClosed = true;
      const builds = [...running];
      for (const build of builds) build.stop();
      await Promise.allSettled(builds.map(({ ended }) => ended));
    },
  };
};

const checkVariables = (variables: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(variables)) {
    const refuse = (message: string): Error => new AwsError('InvalidInputException', message);
    if (name.startsWith('CODEBUILD_')) throw refuse(`${name}: names that begin with CODEBUILD_ are reserved`);
    if (value.length > MAX_VARIABLE_CHARS) throw refuse('EnvironmentVariable should be at most 4096 characters');
  }
};

const statusOf = ({ end }: Awaited<ShellRun['ended']>): BuildStatus => {
  switch (end.kind) {
    case 'exited':
      return end.exitCode === 0 ? 'SUCCEEDED' : 'FAILED';
    case 'timed_out':
      return 'TIMED_OUT';
    case 'stopped':
      return 'STOPPED';
  }
};

/** A build whose role may not write its log fails before its first command. */
const logDenial = (
  authorizer: Authorizer,
  stack: LocalStack,
  project: BuildProject,
  id: string,
): string | undefined => {
  const { roleArn, logGroup, arn } = project;
  const stream = `arn:aws:logs:${stack.region}:${stack.account}:log-group:${logGroup}:log-stream:${streamOf(id)}`;
  try {
    const service = 'codebuild.amazonaws.com';
    const role = assumeAsService({ authorizer, stack, service, roleArn, sourceArn: arn });
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents'])
      authorizer.demand(role, { action, resource: stream });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return `ACCESS_DENIED: ${error.message}`;
  }
};

const streamOf = (id: string): string => id.split(':').at(-1) ?? id;

const buildArn = (stack: LocalStack, id: string): string =>
  `arn:aws:codebuild:${stack.region}:${stack.account}:build/${id}`;

const describe = (params: {
  readonly stack: LocalStack;
  readonly project: BuildProject;
  readonly id: string;
  readonly startedAt: number;
  readonly status: BuildStatus;
}): BuildResult['description'] => {
  const { stack, project, id, startedAt, status } = params;
  return {
    Id: id,
    Arn: buildArn(stack, id),
    ProjectName: project.name,
    BuildComplete: true,
    BuildStatus: status,
    CurrentPhase: 'COMPLETED',
    StartTime: startedAt,
    EndTime: Date.now(),
    ServiceRole: project.roleArn,
    TimeoutInMinutes: project.limitMs / 60_000,
    Logs: { GroupName: project.logGroup, StreamName: streamOf(id) },
  };
};

import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxArmBuildImage, Project } from 'aws-cdk-lib/aws-codebuild';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { VARIABLES } from '../aws-environment.ts';
import { acknowledge } from './acknowledge.ts';
import { SANDBOX_COMMANDS } from './sandbox-commands.ts';
import { sandboxStates } from './sandbox-states.ts';
import { TenonFunction } from './tenon-function.ts';
import type { TenonProps } from './tenon-props.ts';

/**
 * Heavy steps: a state machine starts a build and tells `sandbox-finished` how it ended; the instance hibernates meanwhile.
 * Workspace and result travel by links of that tenant; the build's role may write its log and nothing else.
 */
export class Sandbox extends Construct {
  readonly finished: TenonFunction;
  readonly stateMachine: CfnStateMachine;

  constructor(scope: Construct, id: string, stackProps: TenonProps) {
    super(scope, id);
    this.finished = new TenonFunction(this, 'Finished', {
      name: 'sandbox-finished',
      stackProps,
      timeout: Duration.seconds(30),
    });
    const project = this.#makeProject(stackProps);

    const role = new Role(this, 'StatesRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    const allow = (actions: string[], resources: string[]): boolean =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    allow(['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:BatchGetBuilds'], [project.projectArn]);
    // Step Functions hears of the build's end by a rule of its own making, which has this name in every account.
    allow(
      ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      [
        Stack.of(this).formatArn({
          service: 'events',
          resource: 'rule',
          resourceName: 'StepFunctionsGetEventForCodeBuildStartBuildRule',
        }),
      ],
    );
    allow(['lambda:InvokeFunction'], [this.finished.lambda.functionArn]);
    this.stateMachine = new CfnStateMachine(this, 'States', {
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definition: sandboxStates({
        projectName: project.projectName,
        finishedArn: this.finished.lambda.functionArn,
      }),
    });
    this.stateMachine.node.addDependency(role);
    acknowledge(
      this.stateMachine,
      'AwsSolutions-SF1',
      'Delivery of its logs needs permissions on every log of the account; a standard state machine keeps its whole history for 90 days anyway.',
    );
    acknowledge(
      this.stateMachine,
      'AwsSolutions-SF2',
      'Traces need permissions on every trace of the account; two states show in the history how long each took.',
    );
  }

  letStart(user: TenonFunction): void {
    user.tell({ [VARIABLES.sandbox]: this.stateMachine.attrArn });
    user.allow(['states:StartExecution'], [this.stateMachine.attrArn]);
  }

  #makeProject(stackProps: TenonProps): Project {
    const logGroup = new LogGroup(this, 'BuildLogs', {
      retention: stackProps.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'BuildRole', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    const project = new Project(this, 'Build', {
      // It gets no permission beside the above: not even to write reports.
      role: role.withoutPolicyUpdates(),
      grantReportGroupPermissions: false,
      environment: {
        buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0,
        computeType: ComputeType.SMALL,
        privileged: false,
      },
      logging: { cloudWatch: { logGroup } },
      // A command may take an hour; the rest is for its workspace on the way in and out. A step waits for an hour beside the
      // command's own time (`SANDBOX_WAIT_MS`): that is to be longer than the queue and this rest together.
      timeout: Duration.minutes(75),
      queuedTimeout: Duration.minutes(30),
      buildSpec: BuildSpec.fromObject({
        version: '0.2',
        env: { shell: 'bash' },
        phases: { build: { commands: SANDBOX_COMMANDS } },
      }),
    });
    acknowledge(
      project,
      'AwsSolutions-CB4',
      'The project has no artifacts of its own that a key would encrypt: what it leaves goes to the bucket by a link.',
    );
    return project;
  }
}

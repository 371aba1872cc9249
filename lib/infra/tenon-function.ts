import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime, type TenancyConfig } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { EXTERNAL_MODULES, packageFunction, REQUIRE_BANNER } from './function-package.ts';
import { FUNCTION_DEFAULTS, type FunctionName, type TenonProps } from './tenon-props.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface TenonFunctionProps {
  readonly name: FunctionName;
  readonly stackProps: TenonProps;
  readonly timeout: Duration;
  /** It runs tenants' code: isolated-vm comes along. */
  readonly hasIsolates?: boolean;
  /** It compiles tenants' code as well. */
  readonly hasCompiler?: boolean;
  /** It serves the web page. */
  readonly hasPage?: boolean;
  /** Its role may do nothing at all, not even write a log. */
  readonly isPowerless?: boolean;
  readonly tenancy?: TenancyConfig;
}

/** One Lambda: its script, its own role, its own logs. What it may do and know is added by the parts that it uses. */
export class TenonFunction extends Construct {
  readonly name: FunctionName;
  readonly lambda: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: TenonFunctionProps) {
    super(scope, id);
    const { name, stackProps } = props;
    const settings = { ...FUNCTION_DEFAULTS[name], ...stackProps.functions?.[name] };
    const architecture = Architecture.ARM_64;
    this.name = name;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = props.isPowerless
      ? undefined
      : new LogGroup(this, 'Logs', {
          retention: stackProps.logRetention ?? RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        });
    this.lambda = new NodejsFunction(this, 'Lambda', {
      entry: join(stackProps.functionsFolder ?? join(PROJECT, 'functions'), `${name}.ts`),
      projectRoot: PROJECT,
      depsLockFilePath: join(PROJECT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture,
      role: this.role,
      memorySize: settings.memoryMb,
      timeout: props.timeout,
      loggingFormat: LoggingFormat.JSON,
      awsSdkConnectionReuse: false,
      ...(settings.reservedConcurrency > 0 && { reservedConcurrentExecutions: settings.reservedConcurrency }),
      ...(logGroup && { logGroup }),
      ...(props.tenancy && { tenancyConfig: props.tenancy }),
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        // What runs is what was tested: the clients of AWS too.
        externalModules: EXTERNAL_MODULES,
        banner: REQUIRE_BANNER,
        logLevel: LogLevel.WARNING,
        ...(props.hasIsolates && {
          commandHooks: packageFunction({
            architecture,
            hasCompiler: props.hasCompiler ?? false,
            hasPage: props.hasPage ?? false,
          }),
        }),
      },
    });
    if (logGroup) this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
  }

  /** Adds a statement to the function's own role. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: PolicyConditions): void {
    this.role.addToPolicy(
      new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions && { conditions }) }),
    );
  }

  /** Lets the function know something by the name of a variable. */
  tell(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) this.lambda.addEnvironment(name, value);
  }
}

export type PolicyConditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

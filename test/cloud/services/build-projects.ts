import type { LocalStack, StackResource } from '../contract.ts';
import { Input, readProperties } from './strict-input.ts';

/** A project of the template. */
export interface BuildProject {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly commands: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly logGroup: string;
}

const PROPERTIES = [
  'Name',
  'Description',
  'Artifacts',
  'Cache',
  'EncryptionKey',
  'Environment',
  'LogsConfig',
  'QueuedTimeoutInMinutes',
  'ServiceRole',
  'Source',
  'Tags',
  'TimeoutInMinutes',
];
/** In their order. What runs after a failure as well is not among them. */
const PHASES = ['install', 'pre_build', 'build'];

/** @throws Error where a project says what the local cloud does not know */
export const readProjects = (stack: LocalStack): readonly BuildProject[] =>
  stack.ofType('AWS::CodeBuild::Project').map(readProject);

const readProject = (resource: StackResource): BuildProject => {
  const properties = readProperties(resource, PROPERTIES);
  properties.object('Artifacts', ['Type']).oneOf('Type', ['NO_ARTIFACTS']);
  const source = properties.object('Source', ['Type', 'BuildSpec']);
  source.oneOf('Type', ['NO_SOURCE']);
  return {
    name: resource.ref,
    arn: resource.arn,
    roleArn: properties.text('ServiceRole'),
    commands: readCommands(source.text('BuildSpec'), resource.logicalId),
    variables: readVariables(resource.properties.Environment?.EnvironmentVariables, resource.logicalId),
    limitMs: properties.integer('TimeoutInMinutes', { min: 5, max: 2_160, otherwise: 60 }) * 60_000,
    logGroup: resource.properties.LogsConfig?.CloudWatchLogs?.GroupName ?? `/aws/codebuild/${resource.ref}`,
  };
};

const readCommands = (buildSpec: string, project: string): readonly string[] => {
  const refuse = (message: string): Error => new Error(`BuildSpec of ${project}: ${message}`);
  const spec = new Input(JSON.parse(buildSpec), ['version', 'env', 'phases'], refuse);
  // Since 0.2 all commands share one shell.
  spec.oneOf('version', ['0.2']);
  spec.object('env', ['shell']).oneOf('shell', ['bash']);
  const phases = spec.object('phases', PHASES);
  return PHASES.flatMap((phase) => (phases.has(phase) ? phases.object(phase, ['commands']).texts('commands') : []));
};

/**
 * A list of `{ Name, Value, Type }` as the template and a state machine write it.
 * @throws Error where a value comes from elsewhere than the list
 */
export const readVariables = (list: unknown, of: string): Readonly<Record<string, string>> => {
  const refuse = (message: string): Error => new Error(`Variables of ${of}: ${message}`);
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return Object.fromEntries(
    items.map((item) => {
      const variable = new Input(item, ['Name', 'Value', 'Type'], refuse);
      variable.oneOf('Type', ['PLAINTEXT'], 'PLAINTEXT');
      return [variable.text('Name'), variable.text('Value')];
    }),
  );
};

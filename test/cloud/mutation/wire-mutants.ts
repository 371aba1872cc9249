import type { Template } from '../template/template.ts';
import type { Mutant } from './mutant.ts';
import { at, type Path, without } from './without.ts';

/** Resources that are nothing but a wire. */
const WIRES = new Set([
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventSourceMapping',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
]);

/** Properties that tie a resource to others. */
const PROPERTIES: Readonly<Record<string, readonly Path[]>> = {
  'AWS::Lambda::Function': [['TenancyConfig'], ['LoggingConfig', 'LogGroup']],
  'AWS::Lambda::EventSourceMapping': [['FunctionResponseTypes']],
  'AWS::Events::Rule': [['Targets']],
  'AWS::S3::Bucket': [['NotificationConfiguration'], ['CorsConfiguration']],
  'AWS::SQS::Queue': [['RedrivePolicy']],
};

/** Every environment variable of every function, one less in turn. */
export const variableMutants = (template: Template): readonly Mutant[] =>
  Object.entries(template.Resources).flatMap(([logicalId, resource]) =>
    Object.keys(at(resource, VARIABLES) ?? {}).map((name) => ({
      name: `${logicalId}: ${name}`,
      kind: 'variable',
      template: without(template, ['Resources', logicalId, ...VARIABLES, name]),
      concerns: [`${logicalId} ${name}`, logicalId],
    })),
  );

const VARIABLES: Path = ['Properties', 'Environment', 'Variables'];

/** Every wire between resources, one less in turn. */
export const wireMutants = (template: Template): readonly Mutant[] =>
  Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    const { Type: type, Properties: properties = {} } = resource;
    const make = (what: string, path: Path, kind: Mutant['kind'] = 'wire'): Mutant => ({
      name: `${logicalId}: ${what}`,
      kind,
      template: withoutDependencies(without(template, ['Resources', logicalId, ...path])),
      concerns: [`${logicalId} ${what}`, logicalId, ...functionsNamedIn(template, properties)],
    });
    return [
      ...(WIRES.has(type) ? [make('all of it', [])] : []),
      ...(PROPERTIES[type] ?? [])
        .filter((path) => at(properties, path) !== undefined)
        .map((path) => make(path.join('.'), ['Properties', ...path])),
      ...(type === 'AWS::Lambda::Permission' ? [make('SourceArn', ['Properties', 'SourceArn'], 'condition')] : []),
      ...indexesOf(properties).map((name, index) =>
        make(`index ${name}`, ['Properties', 'GlobalSecondaryIndexes', index]),
      ),
    ];
  });

const indexesOf = (properties: Readonly<Record<string, unknown>>): readonly string[] =>
  ((properties.GlobalSecondaryIndexes ?? []) as readonly { readonly IndexName: string }[]).map(
    ({ IndexName }) => IndexName,
  );

/** An order of making is no wire: what depends on something that is gone is made all the same. */
const withoutDependencies = (template: Template): Template => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).map(([logicalId, resource]) => {
      const left = [resource.DependsOn ?? []].flat().filter((other) => template.Resources[other] !== undefined);
      const { DependsOn: _, ...rest } = resource;
      return [logicalId, left.length > 0 ? { ...rest, DependsOn: left } : rest];
    }),
  ),
});

const functionsNamedIn = (template: Template, properties: unknown): readonly string[] => {
  const text = JSON.stringify(properties);
  return Object.entries(template.Resources)
    .filter(([logicalId, { Type }]) => Type === 'AWS::Lambda::Function' && text.includes(`"${logicalId}"`))
    .map(([logicalId]) => logicalId);
};

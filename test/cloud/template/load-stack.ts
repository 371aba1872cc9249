import type { LocalStack, StackResource } from '../contract.ts';
import { type Identity, identify, type Place } from './identities.ts';
import { resolve, type Scope } from './resolve.ts';
import { checkRules } from './rules.ts';
import type { Template } from './template.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
/** Version of the bootstrap stack, which a deployment reads from Systems Manager. */
const BOOTSTRAP_VERSION = '30';

interface LoadParams {
  /** A template as read, or one from which a test took something away. */
  readonly template: Template;
  readonly name: string;
  /** The folder that `cdk synth` wrote. */
  readonly assemblyFolder: string;
  /** Of the gateway, `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Of the HTTP API. */
  readonly apiEndpoint: string;
  readonly account?: string;
  readonly region?: string;
}

/**
 * Deploys a template in thought: gives each resource its name and resolves all that refers to others.
 *
 * @throws Error where CloudFormation would refuse, and for a type or an intrinsic function that is not known here
 */
export const loadStack = (params: LoadParams): LocalStack => {
  const { template, name, assemblyFolder, account = ACCOUNT, region = REGION } = params;
  const place: Place = { stack: name, account, region, endpoint: params.endpoint, apiEndpoint: params.apiEndpoint };
  checkElements(template);
  const scope = new StackScope(template, place);
  checkRules(template.Rules ?? {}, (value) => resolve(value, scope, 'Rules'));
  const resources = Object.entries(template.Resources).map(([logicalId, { Type: type, DependsOn }]): StackResource => {
    for (const other of [DependsOn ?? []].flat()) {
      if (template.Resources[other] === undefined)
        throw new Error(`${logicalId}: depends on ${other}, which is missing`);
    }
    const { ref, attributes, arn } = scope.identityOf(logicalId) as Identity;
    return { logicalId, type, ref, arn: arn ?? attributes?.Arn ?? ref, properties: scope.propertiesOf(logicalId) };
  });
  const outputs = Object.entries(template.Outputs ?? {}).map(
    ([output, { Value }]) => [output, String(resolve(Value, scope, output))] as const,
  );
  const ofType = (type: string): readonly StackResource[] => resources.filter((resource) => resource.type === type);
  return {
    name,
    account,
    region,
    resources,
    outputs: Object.fromEntries(outputs),
    assemblyFolder,
    ofType,
    find: (type, logicalIdPrefix = '') => {
      const found = ofType(type).filter(({ logicalId }) => logicalId.startsWith(logicalIdPrefix));
      const [only] = found;
      if (only === undefined || found.length > 1) {
        throw new Error(`The stack has ${found.length} resources of ${type} whose id begins with "${logicalIdPrefix}"`);
      }
      return only;
    },
  };
};

/** Resolves on demand, since a name may be made of another resource's. */
class StackScope implements Scope {
  readonly #template: Template;
  readonly #place: Place;
  readonly #properties = new Map<string, Readonly<Record<string, unknown>> | 'being resolved'>();

  constructor(template: Template, place: Place) {
    this.#template = template;
    this.#place = place;
  }

  ref(name: string): string | undefined {
    const { account, region, stack } = this.#place;
    switch (name) {
      case 'AWS::AccountId':
        return account;
      case 'AWS::Region':
        return region;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return stack;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${region}:${account}:stack/${stack}/00000000-0000-0000-0000-000000000000`;
      default:
        return this.identityOf(name)?.ref ?? this.#parameter(name);
    }
  }

  attribute(logicalId: string, name: string): string | undefined {
    return this.identityOf(logicalId)?.attributes?.[name];
  }

  identityOf(logicalId: string): Identity | undefined {
    const resource = this.#template.Resources[logicalId];
    return resource && identify(this.#place, logicalId, resource.Type, this.#namesOf(logicalId));
  }

  propertiesOf(logicalId: string): Readonly<Record<string, unknown>> {
    const known = this.#properties.get(logicalId);
    if (known === 'being resolved') throw new Error(`${logicalId}: refers to itself, by way of others`);
    if (known !== undefined) return known;
    this.#properties.set(logicalId, 'being resolved');
    const given = this.#template.Resources[logicalId]?.Properties ?? {};
    const properties = resolve(given, this, logicalId) as Readonly<Record<string, unknown>>;
    this.#properties.set(logicalId, properties);
    return properties;
  }

  /** Only what names a resource: two whose other properties name each other are fine, as a queue and its policy. */
  #namesOf(logicalId: string): Readonly<Record<string, unknown>> {
    const known = this.#properties.get(logicalId);
    if (known !== undefined && known !== 'being resolved') return known;
    const given = Object.entries(this.#template.Resources[logicalId]?.Properties ?? {});
    const naming = given.filter(([property]) => /Name$|^(Bucket|Id)$/.test(property));
    return resolve(Object.fromEntries(naming), this, logicalId) as Readonly<Record<string, unknown>>;
  }

  #parameter(name: string): string | undefined {
    const parameter = this.#template.Parameters?.[name];
    if (parameter === undefined) return undefined;
    if (parameter.Type === 'String' && parameter.Default !== undefined) return parameter.Default;
    if (name === 'BootstrapVersion') return BOOTSTRAP_VERSION;
    throw new Error(`Parameter ${name}: has no value that is known here`);
  }
}

/** Whoever adds another kind of element, such as conditions, shall learn that nothing here looks at it. */
const checkElements = (template: Template): void => {
  const known = new Set(['Resources', 'Outputs', 'Parameters', 'Rules', 'Description', 'Metadata']);
  const ofResource = new Set(['Type', 'Properties', 'DependsOn', 'Metadata', 'DeletionPolicy', 'UpdateReplacePolicy']);
  for (const element of Object.keys(template)) {
    if (!known.has(element)) throw new Error(`The template has ${element}, which is not known here`);
  }
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    for (const element of Object.keys(resource)) {
      if (!ofResource.has(element)) throw new Error(`${logicalId}: has ${element}, which is not known here`);
    }
  }
};

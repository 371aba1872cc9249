import { createHash } from 'node:crypto';

/** Where a stack is deployed. */
export interface Place {
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** `http://127.0.0.1:<port>`: what the clients of functions talk to. */
  readonly endpoint: string;
  /** Address of the HTTP API, for its users. */
  readonly apiEndpoint: string;
}

/** What a resource is called, once deployed. */
export interface Identity {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by the attribute's name. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Where the type has an ARN that `Fn::GetAtt` does not give. */
  readonly arn?: string;
}

interface Naming extends Place {
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** A name that the template gives, else one as CloudFormation makes it, of at most so many characters. */
  name(property: string, longest?: number): string;
  /** Lower-case letters and digits, the same at each load. */
  id(length: number): string;
  uuid(): string;
  regional(service: string, resource: string): string;
}

/**
 * Names of the resource types that the template uses, as AWS gives them. A type that is not here is refused: a resource
 * that nobody stands in for would be lost without a word.
 */
const IDENTITIES: Readonly<Record<string, (naming: Naming) => Identity>> = {
  'AWS::DynamoDB::Table': ({ name, regional }) => {
    const table = name('TableName', 255);
    return { ref: table, attributes: { Arn: regional('dynamodb', `table/${table}`) } };
  },
  'AWS::S3::Bucket': ({ name, region }) => {
    const bucket = name('BucketName', 63).toLowerCase();
    return {
      ref: bucket,
      attributes: {
        Arn: `arn:aws:s3:::${bucket}`,
        DomainName: `${bucket}.s3.amazonaws.com`,
        RegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
      },
    };
  },
  'AWS::SQS::Queue': ({ name, regional, endpoint, account }) => {
    const queue = name('QueueName', 80);
    const url = `${endpoint}/${account}/${queue}`;
    return { ref: url, attributes: { Arn: regional('sqs', queue), QueueName: queue, QueueUrl: url } };
  },
  'AWS::KMS::Key': ({ uuid, regional }) => {
    const key = uuid();
    return { ref: key, attributes: { Arn: regional('kms', `key/${key}`), KeyId: key } };
  },
  'AWS::SecretsManager::Secret': ({ logicalId, properties, id, regional }) => {
    const secret = properties.Name ?? `${logicalId}-${id(12)}`;
    const arn = regional('secretsmanager', `secret:${secret}-${id(6)}`);
    return { ref: arn, attributes: { Id: arn }, arn };
  },
  'AWS::IAM::Role': ({ name, account, id }) => {
    const role = name('RoleName', 64);
    return {
      ref: role,
      attributes: { Arn: `arn:aws:iam::${account}:role/${role}`, RoleId: `AROA${id(17).toUpperCase()}` },
    };
  },
  'AWS::Lambda::Function': ({ name, regional }) => {
    const lambda = name('FunctionName', 64);
    return { ref: lambda, attributes: { Arn: regional('lambda', `function:${lambda}`) } };
  },
  'AWS::Lambda::EventSourceMapping': ({ uuid, regional }) => {
    const mapping = uuid();
    return {
      ref: mapping,
      attributes: { Id: mapping, EventSourceMappingArn: regional('lambda', `event-source-mapping:${mapping}`) },
    };
  },
  'AWS::Lambda::EventInvokeConfig': ({ uuid }) => ({ ref: uuid() }),
  'AWS::Logs::LogGroup': ({ name, regional }) => {
    const group = name('LogGroupName', 512);
    return { ref: group, attributes: { Arn: regional('logs', `log-group:${group}:*`) } };
  },
  'AWS::Scheduler::ScheduleGroup': ({ name, regional }) => {
    const group = name('Name', 64);
    return { ref: group, attributes: { Arn: regional('scheduler', `schedule-group/${group}`) } };
  },
  'AWS::Scheduler::Schedule': ({ name, properties, regional }) => {
    const schedule = name('Name', 64);
    const group = properties.GroupName ?? 'default';
    return { ref: schedule, attributes: { Arn: regional('scheduler', `schedule/${group}/${schedule}`) } };
  },
  'AWS::Events::Rule': ({ name, regional }) => {
    const rule = name('Name', 64);
    return { ref: rule, attributes: { Arn: regional('events', `rule/${rule}`) } };
  },
  'AWS::StepFunctions::StateMachine': ({ name, regional }) => {
    const machine = name('StateMachineName', 80);
    const arn = regional('states', `stateMachine:${machine}`);
    return { ref: arn, attributes: { Arn: arn, Name: machine } };
  },
  'AWS::CodeBuild::Project': ({ name, regional }) => {
    const project = name('Name', 150);
    return { ref: project, attributes: { Arn: regional('codebuild', `project/${project}`) } };
  },
  'AWS::ApiGatewayV2::Api': ({ id, region, apiEndpoint }) => {
    const api = id(10);
    return {
      ref: api,
      attributes: { ApiId: api, ApiEndpoint: apiEndpoint },
      arn: `arn:aws:apigateway:${region}::/apis/${api}`,
    };
  },
  'AWS::ApiGatewayV2::Integration': ({ id }) => ({ ref: id(7) }),
  'AWS::ApiGatewayV2::Route': ({ id }) => ({ ref: id(7) }),
  'AWS::ApiGatewayV2::Stage': ({ name }) => ({ ref: name('StageName') }),
  'AWS::CloudWatch::Alarm': ({ name, regional }) => {
    const alarm = name('AlarmName', 255);
    return { ref: alarm, attributes: { Arn: regional('cloudwatch', `alarm:${alarm}`) } };
  },
  'AWS::CloudWatch::Dashboard': ({ name }) => ({ ref: name('DashboardName', 255) }),
  'AWS::SNS::Topic': ({ name, regional }) => {
    const topic = name('TopicName', 256);
    const arn = regional('sns', topic);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: topic } };
  },
  // Parts of another resource, which nothing refers to.
  'AWS::IAM::Policy': ({ name }) => ({ ref: name('PolicyName', 128) }),
  'AWS::S3::BucketPolicy': ({ properties }) => ({ ref: String(properties.Bucket) }),
  'AWS::SQS::QueuePolicy': ({ name }) => ({ ref: name('Id') }),
  'AWS::Lambda::Permission': ({ name }) => ({ ref: name('Id') }),
};

/**
 * @param properties resolved
 * @throws Error for a type that this does not know
 */
export const identify = (
  place: Place,
  logicalId: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
): Identity => {
  const make = IDENTITIES[type];
  if (make === undefined) throw new Error(`${logicalId}: resources of type ${type} are not known here`);
  const hash = createHash('sha256').update(`${place.stack} ${logicalId}`).digest();
  const id = (length: number): string => Array.from(hash.subarray(0, length), (byte) => letterOf(byte)).join('');
  return make({
    ...place,
    logicalId,
    properties,
    id,
    uuid: () => hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
    name: (property, longest = 128) => {
      const given = properties[property];
      if (typeof given === 'string') return given;
      const suffix = `-${id(12)}`;
      return `${`${place.stack}-${logicalId}`.slice(0, longest - suffix.length)}${suffix}`;
    },
    regional: (service, resource) => `arn:aws:${service}:${place.region}:${place.account}:${resource}`,
  });
};

const letterOf = (byte: number): string => 'abcdefghijklmnopqrstuvwxyz0123456789'[byte % 36] ?? '';

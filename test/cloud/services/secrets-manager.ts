import { randomInt, randomUUID } from 'node:crypto';
import { type AwsCall, AwsError, type AwsService, type LocalStack, type StackResource } from '../contract.ts';
import { encryptionContextKeys } from './kms.ts';

export interface SecretsManager extends AwsService {
  /** As whoever deploys reads it, by the account's own rights. */
  valueOf(secretArn: string): string;
}

interface Secret {
  readonly resource: StackResource;
  readonly version: string;
  readonly value: string;
  readonly createdAt: number;
}

/** Secrets of the stack, generated as the template asks. */
export const makeSecretsManager = (stack: LocalStack): SecretsManager => {
  const secrets = stack.ofType('AWS::SecretsManager::Secret').map(
    (resource): Secret => ({
      resource,
      version: randomUUID(),
      value: generate(resource),
      createdAt: Date.now(),
    }),
  );
  const find = (id: string): Secret => {
    const found = secrets.find(({ resource }) => resource.arn === id || nameOf(resource) === id);
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return found;
  };

  return {
    name: 'secretsmanager',
    valueOf: (secretArn) => find(secretArn).value,
    handle: async (call) => {
      if (call.action !== 'GetSecretValue') {
        throw new AwsError('UnknownOperationException', `${call.action} is not known here.`);
      }
      const { SecretId } = JSON.parse(call.body.toString()) as { readonly SecretId: string };
      const secret = find(SecretId);
      call.demand({ action: 'secretsmanager:GetSecretValue', resource: secret.resource.arn });
      demandKey(call, stack, secret);
      return {
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({
          ARN: secret.resource.arn,
          Name: nameOf(secret.resource),
          SecretString: secret.value,
          VersionId: secret.version,
          VersionStages: ['AWSCURRENT'],
          CreatedDate: secret.createdAt / 1_000,
        }),
      };
    },
  };
};

/** A secret under a key of its own is opened in the name of who asks, who needs that key by way of this service. */
const demandKey = (call: AwsCall, stack: LocalStack, { resource, version }: Secret): void => {
  const { KmsKeyId } = resource.properties;
  if (KmsKeyId === undefined) return;
  const key = stack.ofType('AWS::KMS::Key').find(({ ref, arn }) => ref === KmsKeyId || arn === KmsKeyId);
  if (key === undefined) throw new Error(`${resource.logicalId}: its key is not in the stack`);
  call.demand({
    action: 'kms:Decrypt',
    resource: key.arn,
    context: {
      ...encryptionContextKeys({ SecretARN: resource.arn, SecretVersionId: version }),
      'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com`,
    },
  });
};

/** An ARN ends with six characters more than the name. */
const nameOf = ({ arn }: StackResource): string => arn.slice(arn.indexOf(':secret:') + ':secret:'.length, -7);

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const generate = ({ logicalId, properties }: StackResource): string => {
  const { PasswordLength = 32, ExcludePunctuation = false, ...others } = properties.GenerateSecretString ?? {};
  if (properties.GenerateSecretString === undefined || Object.keys(others).length > 0) {
    throw new Error(`${logicalId}: how to make this secret is not known here`);
  }
  const letters = ExcludePunctuation ? LETTERS : LETTERS + PUNCTUATION;
  return Array.from({ length: PasswordLength }, () => letters[randomInt(letters.length)]).join('');
};

import { type Synthesis, synthesize } from '../infra/synthesize.ts';
import type { Authorizer, AwsService, Credentials, LocalStack } from './contract.ts';
import { CredentialBook } from './credential-book.ts';
import { type Backend, type Gateway, openGateway } from './gateway.ts';
import { makeAuthorizer } from './iam/authorizer.ts';
import { type DynamoDb, startDynamoDb } from './services/dynamodb/dynamodb.ts';
import { makeKms } from './services/kms.ts';
import { makeSecretsManager, type SecretsManager } from './services/secrets-manager.ts';
import { makeSts } from './services/sts.ts';
import { loadStack } from './template/load-stack.ts';

/** Gateway, policies and the services that hold no code of ours, from the stack as synthesized. */
export interface CloudUnderTest {
  readonly stack: LocalStack;
  readonly gateway: Gateway;
  readonly credentials: CredentialBook;
  readonly authorizer: Authorizer;
  readonly dynamo: DynamoDb;
  readonly secrets: SecretsManager;
  /** For a client that acts as a role, by the beginning of its logical id, or as a session. */
  clientOf(who: string | Credentials): {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: Credentials;
    readonly maxAttempts: number;
  };
  roleOf(logicalIdPrefix: string): string;
  close(): Promise<void>;
}

export const startCloud = async (
  params: Pick<Backend, 'faults' | 'cors'> & { readonly services?: readonly AwsService[] } = {},
): Promise<CloudUnderTest> => {
  const { services: others = [], ...options } = params;
  const synthesis: Synthesis = synthesize();
  const gateway = await openGateway();
  const stack = loadStack({
    template: synthesis.template,
    name: 'Tenon',
    assemblyFolder: synthesis.folder,
    endpoint: gateway.endpoint,
    apiEndpoint: 'http://127.0.0.1:1',
  });
  const credentials = new CredentialBook();
  const authorizer = makeAuthorizer(stack);
  const dynamo = await startDynamoDb(stack);
  const secrets = makeSecretsManager(stack);
  gateway.serve({
    region: stack.region,
    services: [dynamo, secrets, makeKms(stack), makeSts(stack, credentials), ...others],
    credentials,
    authorizer,
    ...options,
  });
  const roleOf = (prefix: string): string => stack.find('AWS::IAM::Role', prefix).arn;
  return {
    stack,
    gateway,
    credentials,
    authorizer,
    dynamo,
    secrets,
    roleOf,
    clientOf: (who) => ({
      endpoint: gateway.endpoint,
      region: stack.region,
      credentials: typeof who === 'string' ? credentials.credentialsFor(roleOf(who)) : who,
      maxAttempts: 1,
    }),
    close: async () => {
      await gateway.close();
      await dynamo.close();
      synthesis.remove();
    },
  };
};

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { tableDefinition } from '../adapters/aws/dynamodb-keys.ts';
import { TENANT_TAG, VARIABLES } from '../aws-environment.ts';
import { acknowledge, acknowledgeWildcard, objectsOf } from './acknowledge.ts';
import type { TenonFunction } from './tenon-function.ts';
import type { TenonProps } from './tenon-props.ts';

type RowAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

export const READING_ROWS: readonly RowAction[] = ['GetItem', 'BatchGetItem', 'Query'];
export const ALL_OF_ROWS: readonly RowAction[] = [
  ...READING_ROWS,
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
];

/** Each secret is sealed in the name of a tenant, which KMS holds against whoever opens it. */
const FOR_A_TENANT = { Null: { [`kms:EncryptionContext:${TENANT_TAG}`]: 'false' } };

/** What outlives every function: rows, objects, the key that seals tenants' secrets, and the operator's key. */
export class Storage extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;
  /** Seals tenants' secrets and the operator key. */
  readonly vaultKey: Key;
  readonly operatorSecret: Secret;

  constructor(scope: Construct, id: string, props: TenonProps) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const backupRetention = props.backupRetention ?? Duration.days(35);

    this.table = new Table(this, 'Table', {
      partitionKey: { name: tableDefinition.partitionKey, type: AttributeType.STRING },
      sortKey: { name: tableDefinition.sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: tableDefinition.timeToLive,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: backupRetention.toDays(),
      },
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy,
    });
    for (const index of tableDefinition.indexes) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
        sortKey: { name: index.sortKey, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }

    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      // The page uploads by link, from the API's origin; a link is all the permission there is, and it bounds itself.
      cors: [
        {
          allowedMethods: [HttpMethods.PUT],
          allowedOrigins: [props.domain ? `https://${props.domain.name}` : '*'],
          // Those of the link, and what a browser adds to a file.
          allowedHeaders: ['x-amz-checksum-sha256', 'if-none-match', 'content-type'],
          maxAge: 3_600,
        },
      ],
      lifecycleRules: [
        { noncurrentVersionExpiration: backupRetention, abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy,
    });
    // By the bucket's own property: the CDK's way would add a function that may change every bucket of the account.
    (this.bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Access logs would name every object twice. Only the roles of this stack reach the bucket; an operator who must prove who read what switches on CloudTrail data events.',
    );

    this.vaultKey = new Key(this, 'VaultKey', { enableKeyRotation: true, removalPolicy });
    this.operatorSecret = new Secret(this, 'OperatorKey', {
      description: 'The key that may do everything at the HTTP API of Tenon',
      // 62 letters and digits: 48 of them hold more than 256 bits.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy,
    });
    // By the secret's own property: the CDK's way would repeat in the key's policy what that policy allows already.
    (this.operatorSecret.node.defaultChild as CfnSecret).kmsKeyId = this.vaultKey.keyArn;
    acknowledge(
      this.operatorSecret,
      'AwsSolutions-SMG4',
      'A key that changes by itself would lock out every caller who holds it. The operator puts a new value when one is wanted, and hands it on.',
    );
  }

  /** `indexes`: names of those that it queries; the rest goes by key. */
  letUseRows(user: TenonFunction, actions: readonly RowAction[], indexes: readonly string[] = []): void {
    user.tell({ [VARIABLES.table]: this.table.tableName });
    user.allow(
      actions.map((action) => `dynamodb:${action}`),
      [this.table.tableArn],
    );
    if (indexes.length > 0) {
      user.allow(
        ['dynamodb:Query'],
        indexes.map((index) => `${this.table.tableArn}/index/${index}`),
      );
    }
  }

  letReadObjects(user: TenonFunction): void {
    this.#letUseObjects(user, ['s3:GetObject']);
    // Who may not list is told "denied" of an object that is missing.
    this.letListObjects(user);
  }

  /** Removing all below a name lists it. */
  letListObjects(user: TenonFunction): void {
    user.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  letWriteObjects(user: TenonFunction): void {
    this.#letUseObjects(user, ['s3:PutObject']);
  }

  /** A long stream that fails on the way leaves parts that no object is made of. */
  letGiveUpObjects(user: TenonFunction): void {
    this.#letUseObjects(user, ['s3:AbortMultipartUpload']);
  }

  letRemoveObjects(user: TenonFunction): void {
    this.#letUseObjects(user, ['s3:DeleteObject']);
  }

  letSeal(user: TenonFunction): void {
    user.tell({ [VARIABLES.vaultKey]: this.vaultKey.keyId });
    user.allow(['kms:Encrypt'], [this.vaultKey.keyArn], FOR_A_TENANT);
  }

  letUnseal(user: TenonFunction): void {
    user.tell({ [VARIABLES.vaultKey]: this.vaultKey.keyId });
    user.allow(['kms:Decrypt'], [this.vaultKey.keyArn], FOR_A_TENANT);
  }

  letReadOperatorKey(user: TenonFunction): void {
    user.tell({ [VARIABLES.operatorSecret]: this.operatorSecret.secretArn });
    user.allow(['secretsmanager:GetSecretValue'], [this.operatorSecret.secretArn]);
    user.allow(['kms:Decrypt'], [this.vaultKey.keyArn], {
      StringEquals: { 'kms:EncryptionContext:SecretARN': this.operatorSecret.secretArn },
    });
  }

  #letUseObjects(user: TenonFunction, actions: readonly string[]): void {
    user.tell({ [VARIABLES.bucket]: this.bucket.bucketName });
    user.allow(actions, [this.bucket.arnForObjects('*')]);
    acknowledgeWildcard(
      user.role,
      objectsOf(this.bucket, '*'),
      `Objects are named at run time, tenant first: ${user.name} serves all tenants, so it reaches all objects of this one bucket and of no other.`,
    );
  }
}

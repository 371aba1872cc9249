import {
  ArnPrincipal,
  CompositePrincipal,
  PolicyStatement,
  type PolicyStatementProps,
  Role,
  SessionTagsPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { TenancyConfig } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { TENANT_TAG, VARIABLES } from '../aws-environment.ts';
import { acknowledgeWildcard, objectsOf } from './acknowledge.ts';
import type { Storage } from './storage.ts';
import { TenonFunction } from './tenon-function.ts';
import type { TenonProps } from './tenon-props.ts';
import { DISPATCHER_TIMEOUT } from './work-queue.ts';

export interface TenantIsolationProps {
  readonly stackProps: TenonProps;
  readonly storage: Storage;
  /** Those that would run a tenant's code themselves at the other level. */
  readonly callers: readonly TenonFunction[];
}

/** A tenant's id holds no wildcard, so the tag's value stands for itself within a pattern. */
const TENANT = `\${aws:PrincipalTag/${TENANT_TAG}}`;

/**
 * Level `microvm`: a function whose environments serve one tenant each and whose role may do nothing. A caller hands it
 * a session of the tenant role, tagged with the tenant, that reaches that tenant's rows, objects and secrets alone.
 */
export class TenantIsolation extends Construct {
  readonly executor: TenonFunction;

  constructor(scope: Construct, id: string, { stackProps, storage, callers }: TenantIsolationProps) {
    super(scope, id);
    const { table, bucket, vaultKey } = storage;
    this.executor = new TenonFunction(this, 'Executor', {
      name: 'executor',
      stackProps,
      timeout: DISPATCHER_TIMEOUT,
      hasIsolates: true,
      hasCompiler: stackProps.hasTurnCompiler ?? false,
      isPowerless: true,
      tenancy: TenancyConfig.PER_TENANT,
    });
    this.executor.tell({
      [VARIABLES.table]: table.tableName,
      [VARIABLES.bucket]: bucket.bucketName,
      [VARIABLES.vaultKey]: vaultKey.keyId,
    });

    const tenantRole = new Role(this, 'TenantRole', {
      assumedBy: new CompositePrincipal(
        ...callers.map(
          ({ role }) =>
            new SessionTagsPrincipal(
              new ArnPrincipal(role.roleArn).withConditions({
                // Without the tag a session would stand for no tenant; with others it could stand for more than one.
                Null: { [`aws:RequestTag/${TENANT_TAG}`]: 'false' },
                'ForAllValues:StringEquals': { 'aws:TagKeys': [TENANT_TAG] },
              }),
            ),
        ),
      ),
    });
    const allow = (props: PolicyStatementProps): boolean => tenantRole.addToPolicy(new PolicyStatement(props));
    allow({
      actions: [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:ConditionCheckItem',
      ],
      resources: [table.tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`T#${TENANT}#*`] },
        // "For all values" holds for a request that names no key at all.
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
    allow({
      actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'],
      resources: [bucket.arnForObjects(`${TENANT}/*`)],
    });
    // Removing what belongs to an instance lists it.
    allow({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${TENANT}/*` } },
    });
    allow({
      actions: ['kms:Decrypt'],
      resources: [vaultKey.keyArn],
      conditions: { StringEquals: { [`kms:EncryptionContext:${TENANT_TAG}`]: TENANT } },
    });
    acknowledgeWildcard(
      tenantRole,
      objectsOf(bucket, `<aws:PrincipalTag/${TENANT_TAG}>/*`),
      "Objects are named at run time; each session reaches only those below its own tenant's name.",
    );

    for (const caller of callers) {
      caller.tell({
        [VARIABLES.executorFunction]: this.executor.lambda.functionName,
        [VARIABLES.tenantRole]: tenantRole.roleArn,
      });
      // That it may open sessions stands in the tenant role's trust policy, which names it.
      caller.allow(['lambda:InvokeFunction'], [this.executor.lambda.functionArn]);
    }
  }
}

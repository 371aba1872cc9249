import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { makeDynamoClient, makeKmsClient, makeS3Client } from '../../../lib/adapters/aws/aws-clients.ts';
import { DynamoBundleStore } from '../../../lib/adapters/aws/dynamodb-bundle-store.ts';
import { DynamoInstanceStore } from '../../../lib/adapters/aws/dynamodb-instance-store.ts';
import { DynamoScheduleStore } from '../../../lib/adapters/aws/dynamodb-schedule-store.ts';
import { DynamoTable } from '../../../lib/adapters/aws/dynamodb-table.ts';
import { DynamoTenantStore } from '../../../lib/adapters/aws/dynamodb-tenant-store.ts';
import { KmsVault } from '../../../lib/adapters/aws/kms-vault.ts';
import { S3BlobStore } from '../../../lib/adapters/aws/s3-blob-store.ts';
import type { LocalCloud } from '../local-cloud.ts';

/** The stores of a deployment as its administrator reaches them. `agoMs`: written as of so long ago. */
export const storesOf = (cloud: LocalCloud, agoMs = 0) => {
  const { stack, administrator: credentials, gateway } = cloud;
  const config = { region: stack.region, endpoint: gateway.endpoint, credentials };
  const clock = { now: () => Date.now() - agoMs };
  const table = new DynamoTable({ client: makeDynamoClient(config), name: stack.find('AWS::DynamoDB::Table').ref });
  const s3 = makeS3Client({ ...config, forcePathStyle: true });
  const bucket = stack.find('AWS::S3::Bucket').ref;
  const blobs = new S3BlobStore({ client: s3, bucket });
  return {
    clock,
    blobs,
    objectsBelow: async (prefix: string): Promise<readonly string[]> => {
      const { Contents: found = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return found.flatMap(({ Key }) => Key ?? []);
    },
    tenants: new DynamoTenantStore(table),
    bundles: new DynamoBundleStore(table),
    instances: new DynamoInstanceStore({ table, blobs, clock }),
    schedules: new DynamoScheduleStore(table),
    vault: new KmsVault({ client: makeKmsClient(config), keyId: stack.find('AWS::KMS::Key').ref, clock }),
  };
};

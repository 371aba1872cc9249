import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** Says why a rule of cdk-nag does not hold for one part. The reason is what a reviewer reads: say what else protects. */
export const acknowledge = (part: IConstruct, rule: string, reason: string): void =>
  Validations.of(part).acknowledge({ id: rule, reason });

/** For one resource with a wildcard, as cdk-nag writes it: `<LogicalId.Arn>/*`. Any other wildcard is still refused. */
export const acknowledgeWildcard = (part: IConstruct, resource: string, reason: string): void =>
  acknowledge(part, `AwsSolutions-IAM5[Resource::${resource}]`, reason);

/** How cdk-nag writes the objects of a bucket. */
export const objectsOf = (bucket: Bucket, pattern: string): string =>
  `<${Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement)}.Arn>/${pattern}`;

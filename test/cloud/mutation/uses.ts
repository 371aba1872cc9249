import type { CallCount } from '../call-counts.ts';
import type { LocalCloud } from '../local-cloud.ts';
import type { Template } from '../template/template.ts';
import type { Probe } from './probe.ts';
import type { CompiledBundle } from './probe-bundle.ts';
import { PROBES } from './probes.ts';
import { runProbes } from './run-probes.ts';

/** What each probe has used of the template, in the words of a mutant's `concerns`. Probes that only ask policies are left out. */
export type Uses = ReadonlyMap<Probe, ReadonlySet<string>>;

/**
 * Runs the probes one after the other on the template itself.
 * @throws Error where one does not hold
 */
export const usesOf = async (place: {
  readonly template: Template;
  readonly assemblyFolder: string;
  readonly bundle: CompiledBundle;
}): Promise<Uses> => {
  const uses = new Map<Probe, ReadonlySet<string>>();
  let invocations: Readonly<Record<string, number>> = {};
  const onHeld = (probe: Probe, cloud: LocalCloud): void => {
    const before = invocations;
    invocations = Object.fromEntries(
      [...cloud.functions.metrics].map(([name, metrics]) => [name, metrics.invocations]),
    );
    const invoked = Object.keys(invocations).filter((name) => invocations[name] !== before[name]);
    const called = cloud.gateway.counts.take().flatMap((count) => concernsOf(cloud, count));
    if (invoked.length > 0) uses.set(probe, new Set([...invoked, ...called]));
  };
  const noticed = await runProbes({ ...place, probes: PROBES, concurrency: 1, onHeld });
  if (noticed !== undefined) throw new Error(`The template itself: ${noticed.by}: ${noticed.why}`);
  return uses;
};

/** `<logical id of the role> <service>:<action>` */
const concernsOf = ({ stack }: LocalCloud, { service, action, principal }: CallCount): readonly string[] => {
  const role = stack.ofType('AWS::IAM::Role').find(({ ref }) => ref === principal);
  if (role === undefined) return [];
  return [
    role.logicalId,
    ...(IAM_NAMES[`${service}:${action}`] ?? [`${service}:${action}`]).map((name) => `${role.logicalId} ${name}`),
  ];
};

/** Where a permission has another name than the call. */
const IAM_NAMES: Readonly<Record<string, readonly string[]>> = {
  's3:CreateMultipartUpload': ['s3:PutObject'],
  's3:UploadPart': ['s3:PutObject'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  's3:HeadObject': ['s3:GetObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:DeleteObjects': ['s3:DeleteObject'],
  'dynamodb:TransactWriteItems': ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
  'lambda:Invoke': ['lambda:InvokeFunction'],
  'secretsmanager:GetSecretValue': ['secretsmanager:GetSecretValue', 'kms:Decrypt'],
  'sts:AssumeRole': ['sts:AssumeRole', 'sts:TagSession'],
  'scheduler:CreateSchedule': ['scheduler:CreateSchedule', 'iam:PassRole'],
};

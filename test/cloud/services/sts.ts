import { randomUUID } from 'node:crypto';
import { type AwsAnswer, type AwsCall, AwsError, type AwsService, type LocalStack } from '../contract.ts';
import type { CredentialBook } from '../credential-book.ts';
import { parsePolicy } from '../iam/policy.ts';

const SHORTEST_S = 900;
/** Who calls is a role's session itself, and chained sessions last an hour at most. */
const LONGEST_S = 3_600;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/** Sessions of roles, as the roles' trust policies and the caller's policies allow. */
export const makeSts = (stack: LocalStack, credentials: CredentialBook): AwsService => ({
  name: 'sts',
  handle: async (call) => {
    if (call.action !== 'AssumeRole') throw new AwsError('InvalidAction', `${call.action} is not known here.`);
    return assumeRole(call, stack, credentials);
  },
});

const assumeRole = (call: AwsCall, stack: LocalStack, credentials: CredentialBook): AwsAnswer => {
  const form = new URLSearchParams(call.body.toString());
  const roleArn = form.get('RoleArn') ?? '';
  const name = form.get('RoleSessionName') ?? '';
  const policy = form.get('Policy');
  const durationS = Number(form.get('DurationSeconds') ?? LONGEST_S);
  const tags = tagsOf(form);
  const unknown = [...form.keys()].find((key) => !KNOWN_FIELDS.test(key));
  if (unknown !== undefined) throw invalid(`${unknown} is not known here`);
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw invalid('RoleSessionName');
  if (!(durationS >= SHORTEST_S && durationS <= LONGEST_S)) {
    throw invalid(`DurationSeconds is ${durationS}; a chained session takes ${SHORTEST_S} to ${LONGEST_S}`);
  }
  if (policy !== null) checkPolicy(policy);
  const context = {
    'sts:RoleSessionName': name,
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
  };
  call.demand({ action: 'sts:AssumeRole', resource: roleArn, context });
  if (Object.keys(tags).length > 0) call.demand({ action: 'sts:TagSession', resource: roleArn, context });

  const expiresAt = Date.now() + durationS * 1_000;
  const made = credentials.openSession({
    roleArn,
    tags,
    ...(policy !== null && { sessionPolicy: policy }),
    expiresAt,
  });
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROALOCAL:${name}</AssumedRoleId><Arn>arn:aws:sts::${stack.account}:assumed-role/${role}/${name}</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>${made.accessKeyId}</AccessKeyId><SecretAccessKey>${made.secretAccessKey}</SecretAccessKey>
<SessionToken>${made.sessionToken}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials>
</AssumeRoleResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></AssumeRoleResponse>`,
  };
};

/** Whatever else a caller asks for must not be taken for done. */
const KNOWN_FIELDS =
  /^(Action|Version|RoleArn|RoleSessionName|DurationSeconds|Policy|Tags|Tags\.member\.\d+\.(Key|Value))$/;

const tagsOf = (form: URLSearchParams): Readonly<Record<string, string>> => {
  const tags: Record<string, string> = {};
  for (let index = 1; form.has(`Tags.member.${index}.Key`); index += 1) {
    const key = form.get(`Tags.member.${index}.Key`) ?? '';
    const value = form.get(`Tags.member.${index}.Value`) ?? '';
    if (!TAG_KEY.test(key) || !TAG_VALUE.test(value) || Object.hasOwn(tags, key)) throw invalid(`tag ${key}`);
    tags[key] = value;
  }
  return tags;
};

const checkPolicy = (policy: string): void => {
  try {
    parsePolicy(JSON.parse(policy), 'Policy');
  } catch (error) {
    throw new AwsError('MalformedPolicyDocument', String(error));
  }
};

const invalid = (what: string): AwsError => new AwsError('ValidationError', `Not valid: ${what}.`);

import type { Need, Principal } from '../contract.ts';

/** Values of condition keys at one call. Names count in any case. */
export interface RequestContext {
  /** `undefined`: the call has no such key. */
  valuesOf(key: string): readonly string[] | undefined;
  /** Whether somebody here would bring this key where a call has it. */
  isKnown(key: string): boolean;
}

/** Keys that are missing for a reason where they are missing: an untagged session, a call outside of a service. */
const KEYS = [
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:principalisawsservice',
  'aws:securetransport',
  'aws:requestedregion',
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:tagkeys',
  'dynamodb:leadingkeys',
  'kms:viaservice',
  'iam:passedtoservice',
  'sts:rolesessionname',
  's3:prefix',
];
const KEY_PREFIXES = ['aws:principaltag/', 'aws:requesttag/', 'kms:encryptioncontext:'];

export const contextOf = (principal: Principal, need: Need, place: { account: string; region: string }) => {
  const values = new Map<string, readonly string[]>();
  const put = (key: string, value: string | readonly string[]): void => {
    values.set(key.toLowerCase(), [value].flat());
  };
  // Loopback stands for TLS.
  put('aws:SecureTransport', 'true');
  put('aws:RequestedRegion', place.region);
  put('aws:PrincipalIsAWSService', String(principal.kind === 'service'));
  if (principal.kind === 'service') {
    put('aws:SourceArn', principal.sourceArn);
    // ARNs of buckets tell no account; all that is here belongs to one.
    put('aws:SourceAccount', principal.sourceArn.split(':')[4] || place.account);
  } else {
    put('aws:PrincipalArn', principal.roleArn);
    put('aws:PrincipalAccount', place.account);
    put('aws:PrincipalType', 'AssumedRole');
    for (const [name, value] of Object.entries(principal.tags)) put(`aws:PrincipalTag/${name}`, value);
  }
  for (const [key, value] of Object.entries(need.context ?? {})) put(key, value);
  return {
    valuesOf: (key: string) => values.get(key.toLowerCase()),
    isKnown: (key: string) => {
      const name = key.toLowerCase();
      return values.has(name) || KEYS.includes(name) || KEY_PREFIXES.some((prefix) => name.startsWith(prefix));
    },
  } satisfies RequestContext;
};

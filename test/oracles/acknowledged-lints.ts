/** Rules of cfn-lint that do not hold for the template, by their ids, with the reason. One that finds nothing any more has to go. */
export const ACKNOWLEDGED_LINTS: Readonly<Record<string, string>> = {
  W3005:
    'The CDK writes a role beside its policies into DependsOn. The policies are needed: without them a function could start before it may do anything. That the role is named twice is harmless.',
};

import type { Template } from '../template/template.ts';
import type { Mutant } from './mutant.ts';
import { policyMutants } from './policy-mutants.ts';
import { variableMutants, wireMutants } from './wire-mutants.ts';

export const mutantsOf = (template: Template): readonly Mutant[] => [
  ...policyMutants(template),
  ...variableMutants(template),
  ...wireMutants(template),
];

import { literalOf, matches, matchesArn, type Pattern } from './patterns.ts';

export interface Operator {
  readonly test: (pattern: Pattern, value: string) => boolean;
  /** Holds where no value matches. */
  readonly isNegated?: true;
}

const equal = (pattern: Pattern, value: string): boolean => literalOf(pattern) === value;
const equalInAnyCase = (pattern: Pattern, value: string): boolean =>
  literalOf(pattern).toLowerCase() === value.toLowerCase();

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { test: equal },
  StringNotEquals: { test: equal, isNegated: true },
  StringEqualsIgnoreCase: { test: equalInAnyCase },
  StringNotEqualsIgnoreCase: { test: equalInAnyCase, isNegated: true },
  StringLike: { test: matches },
  StringNotLike: { test: matches, isNegated: true },
  ArnEquals: { test: matchesArn },
  ArnLike: { test: matchesArn },
  ArnNotEquals: { test: matchesArn, isNegated: true },
  ArnNotLike: { test: matchesArn, isNegated: true },
  Bool: { test: equalInAnyCase },
};

export type ParsedOperator =
  | 'null'
  | {
      readonly operator: Operator;
      readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
      readonly isIfExists: boolean;
    };

/** @throws Error for an operator that is not known here, telling `where` it stands */
export const parseOperator = (name: string, where: string): ParsedOperator => {
  if (name === 'Null') return 'null';
  const [, quantifier, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(name) ?? [];
  const operator = Object.hasOwn(OPERATORS, base) ? OPERATORS[base] : undefined;
  if (operator === undefined) throw new Error(`${where}: the condition operator ${name} is not known here`);
  return {
    operator,
    quantifier: quantifier as 'ForAllValues' | 'ForAnyValue' | undefined,
    isIfExists: ifExists !== undefined,
  };
};

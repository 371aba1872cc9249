import { parseOperator } from './operators.ts';
import { patternOf } from './patterns.ts';
import type { Condition } from './policy.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Whether a condition holds at a call.
 * @throws Error for a key that is not known here, and for a list of values held against an operator of one
 */
export const conditionHolds = (condition: Condition, context: RequestContext): boolean => {
  const { key, values: wanted } = condition;
  if (!context.isKnown(key)) throw new Error(`The condition key ${key} is not known here`);
  const given = context.valuesOf(key) ?? [];
  const parsed = parseOperator(condition.operator, key);
  if (parsed === 'null') return wanted.some((value) => (value === 'true') === (given.length === 0));
  const { quantifier, operator, isIfExists } = parsed;
  // A variable without a value matches nothing.
  const patterns = wanted.map((value) => patternOf(value, context)).filter((pattern) => pattern !== undefined);
  const passes = (value: string): boolean =>
    patterns.some((pattern) => operator.test(pattern, value)) !== (operator.isNegated ?? false);
  switch (quantifier) {
    case 'ForAllValues':
      // Of no values this holds too: who means otherwise adds `Null: false`.
      return given.every(passes);
    case 'ForAnyValue':
      return given.some(passes) || (isIfExists && given.length === 0);
    case undefined: {
      const [value, ...more] = given;
      if (value === undefined) return isIfExists || operator.isNegated === true;
      if (more.length > 0) throw new Error(`${condition.operator} of ${key} meets ${given.length} values`);
      return passes(value);
    }
  }
};

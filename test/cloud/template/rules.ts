/**
 * Holds the template's rules, as CloudFormation does before it makes anything.
 *
 * @param resolve resolves what stands in a rule beside the conditions
 * @throws Error where a rule does not hold, or says something that is not known here
 */
export const checkRules = (rules: Readonly<Record<string, unknown>>, resolve: (value: unknown) => unknown): void => {
  for (const [name, rule] of Object.entries(rules)) {
    const { Assertions: assertions, ...others } = rule as {
      readonly Assertions?: readonly { readonly Assert: unknown; readonly AssertDescription?: string }[];
    };
    if (assertions === undefined || Object.keys(others).length > 0)
      throw new Error(`${name}: not a rule as known here`);
    for (const { Assert, AssertDescription = '' } of assertions) {
      if (!holds(Assert, name, resolve)) throw new Error(`${name} does not hold: ${AssertDescription}`);
    }
  }
};

const holds = (condition: unknown, rule: string, resolve: (value: unknown) => unknown): boolean => {
  const [[operator, operands] = []] = Object.entries(condition as Readonly<Record<string, unknown>>);
  switch (operator) {
    case 'Fn::Not':
      return !(operands as readonly unknown[]).some((operand) => holds(operand, rule, resolve));
    case 'Fn::Contains': {
      const [values, value] = operands as readonly [readonly unknown[], unknown];
      return values.includes(resolve(value));
    }
    default:
      throw new Error(`${rule}: the condition ${operator} is not known here`);
  }
};

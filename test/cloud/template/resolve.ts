/** What intrinsic functions ask the stack. */
export interface Scope {
  /** Of a resource, a parameter or a pseudo parameter (`AWS::Region`). `undefined`: there is none of that name. */
  ref(name: string): string | undefined;
  attribute(logicalId: string, name: string): string | undefined;
}

/** `AWS::NoValue`: a property of this value is as if it were not there. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * A value of the template with every intrinsic function in it resolved.
 *
 * @param where whose value it is: its logical id, told in errors
 * @throws Error for an intrinsic function that this does not know, and for a name that nothing has
 */
export const resolve = (value: unknown, scope: Scope, where: string): unknown => {
  const found = resolveIn(value, scope, where);
  return found === NO_VALUE ? undefined : found;
};

const resolveIn = (value: unknown, scope: Scope, where: string): unknown => {
  if (typeof value === 'string') return withoutDynamicReference(value, where);
  if (Array.isArray(value)) {
    return value.map((item) => resolveIn(item, scope, where)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && isIntrinsic(only[0])) {
    return resolveIntrinsic(only[0], only[1], scope, where);
  }
  return Object.fromEntries(
    entries
      .map(([name, item]) => [name, resolveIn(item, scope, where)] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
};

const isIntrinsic = (name: string): boolean => name === 'Ref' || name === 'Condition' || name.startsWith('Fn::');

const resolveIntrinsic = (name: string, argument: unknown, scope: Scope, where: string): unknown => {
  const text = (value: unknown): string => textOf(resolveIn(value, scope, where), `${name} of ${where}`);
  const list = (value: unknown): readonly unknown[] => listOf(resolveIn(value, scope, where), `${name} of ${where}`);
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? NO_VALUE : refTo(textOf(argument, where), scope, where);
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = Array.isArray(argument)
        ? argument.map((part) => text(part))
        : splitOnce(textOf(argument, where), '.');
      return attributeOf(logicalId ?? '', attribute ?? '', scope, where);
    }
    case 'Fn::Join': {
      const [separator, parts] = pairOf(argument, name, where);
      return list(parts)
        .map((part) => textOf(part, `${name} of ${where}`))
        .join(text(separator));
    }
    case 'Fn::Split': {
      const [separator, whole] = pairOf(argument, name, where);
      return text(whole).split(text(separator));
    }
    case 'Fn::Select': {
      const [index, items] = pairOf(argument, name, where);
      const found = list(items)[Number(text(index))];
      if (found === undefined) throw new Error(`${where}: Fn::Select finds nothing`);
      return found;
    }
    case 'Fn::Sub':
      return substitute(argument, scope, where);
    default:
      throw new Error(`${where}: the intrinsic function ${name} is not known here`);
  }
};

const substitute = (argument: unknown, scope: Scope, where: string): string => {
  const [template, given] = Array.isArray(argument) ? [argument[0], argument[1]] : [argument, {}];
  const variables = resolveIn(given, scope, where) as Readonly<Record<string, unknown>>;
  // `${!Name}` is how a template writes `${Name}` itself.
  return textOf(template, where).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return textOf(variables[name], where);
    if (!name.includes('.')) return refTo(name, scope, where);
    const [logicalId, attribute] = splitOnce(name, '.');
    return attributeOf(logicalId, attribute, scope, where);
  });
};

const refTo = (name: string, scope: Scope, where: string): string => {
  const found = scope.ref(name);
  if (found === undefined) throw new Error(`${where}: refers to ${name}, which the template does not have`);
  return found;
};

const attributeOf = (logicalId: string, name: string, scope: Scope, where: string): string => {
  const found = scope.attribute(logicalId, name);
  if (found === undefined) throw new Error(`${where}: asks ${logicalId} for ${name}, which it does not have`);
  return found;
};

const withoutDynamicReference = (text: string, where: string): string => {
  if (text.includes('{{resolve:')) throw new Error(`${where}: dynamic references are not known here: ${text}`);
  return text;
};

const splitOnce = (text: string, separator: string): readonly [string, string] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
};

const textOf = (value: unknown, where: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where}: expected text, got ${JSON.stringify(value)}`);
};

const listOf = (value: unknown, where: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new Error(`${where}: expected a list, got ${JSON.stringify(value)}`);
  return value;
};

const pairOf = (value: unknown, name: string, where: string): readonly [unknown, unknown] => {
  if (!Array.isArray(value) || value.length !== 2) throw new Error(`${where}: ${name} takes two arguments`);
  return [value[0], value[1]];
};

import { parseOperator } from './operators.ts';

/** A statement as IAM reads it: lists where a document may have one item. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** Absent in a trust policy, which stands for the role that it belongs to. */
  readonly resources?: readonly string[];
  /** Present in policies of resources only. */
  readonly principals?: readonly PolicyPrincipal[];
  readonly conditions: readonly Condition[];
}

export interface PolicyPrincipal {
  readonly kind: 'aws' | 'service';
  /** ARN, account id or `*`; or `lambda.amazonaws.com`. */
  readonly value: string;
}

/** `operator` over `key`; `values` are alternatives. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

const ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);

type Json = Readonly<Record<string, unknown>>;

/**
 * @param document JSON, intrinsic functions resolved
 * @param where whose document it is, told in errors
 * @throws Error for what this does not understand, such as `NotAction`: it must not pass for something that it is not
 */
export const parsePolicy = (document: unknown, where: string): readonly Statement[] => {
  const { Version, Statement: statements, ...others } = recordOf(document, where);
  if (Version !== '2012-10-17') throw new Error(`${where}: policies of version ${Version} are not known here`);
  for (const element of Object.keys(others)) {
    if (element !== 'Id') throw new Error(`${where}: the element ${element} is not known here`);
  }
  return [statements].flat().map((statement) => parseStatement(recordOf(statement, where), where));
};

const parseStatement = (statement: Json, where: string): Statement => {
  for (const element of Object.keys(statement)) {
    if (!ELEMENTS.has(element)) throw new Error(`${where}: the element ${element} is not known here`);
  }
  const { Effect: effect } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`${where}: no effect is called ${effect}`);
  return {
    effect,
    actions: textsOf(statement.Action, `${where}: Action`),
    ...(statement.Resource !== undefined && { resources: textsOf(statement.Resource, `${where}: Resource`) }),
    ...(statement.Principal !== undefined && { principals: parsePrincipals(statement.Principal, where) }),
    conditions: parseConditions(statement.Condition ?? {}, where),
  };
};

const parseConditions = (conditions: unknown, where: string): readonly Condition[] =>
  Object.entries(recordOf(conditions, where)).flatMap(([operator, keys]) => {
    parseOperator(operator, where);
    return Object.entries(recordOf(keys, where)).map(([key, values]) => ({
      operator,
      key,
      values: textsOf(values, `${where}: ${operator} ${key}`),
    }));
  });

const parsePrincipals = (principal: unknown, where: string): readonly PolicyPrincipal[] => {
  if (principal === '*') return [{ kind: 'aws', value: '*' }];
  return Object.entries(recordOf(principal, where)).flatMap(([name, values]) => {
    const kind = name === 'AWS' ? 'aws' : name === 'Service' ? 'service' : undefined;
    if (kind === undefined) throw new Error(`${where}: principals of kind ${name} are not known here`);
    return textsOf(values, `${where}: Principal`).map((value) => ({ kind, value }));
  });
};

const recordOf = (value: unknown, where: string): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${where}: not an object: ${JSON.stringify(value)}`);
  }
  return value as Json;
};

const textsOf = (value: unknown, where: string): readonly string[] => {
  const values = [value].flat();
  if (values.length === 0) throw new Error(`${where}: an empty list`);
  return values.map((item) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'boolean' || typeof item === 'number') return String(item);
    throw new Error(`${where}: not a text: ${JSON.stringify(item)}`);
  });
};

import type { RequestContext } from './request-context.ts';

/** A text in which `*` and `?` are wildcards, but not where a variable's value brought them. */
export type Pattern = readonly (string | { readonly wildcard: '*' | '?' })[];

/**
 * Puts values in the place of policy variables, such as `${aws:PrincipalTag/tenant}`.
 * @returns `undefined` where a variable has no value: what it stands in matches nothing then
 * @throws Error for a variable with a default, which is not known here
 */
export const patternOf = (text: string, context: RequestContext): Pattern | undefined => {
  const parts: Pattern[number][] = [];
  for (const [whole, variable] of text.matchAll(/\$\{([^}]*)\}|[*?]|[^*?$]+|\$/g)) {
    if (variable === undefined) {
      parts.push(whole === '*' || whole === '?' ? { wildcard: whole } : whole);
    } else if (['*', '?', '$'].includes(variable)) {
      parts.push(variable);
    } else {
      if (variable.includes(',')) throw new Error(`Policy variables with a default are not known here: ${whole}`);
      const [value, ...more] = context.valuesOf(variable) ?? [];
      if (value === undefined || more.length > 0) return undefined;
      parts.push(value);
    }
  }
  return parts;
};

/** The whole of `text`, case counting. */
export const matches = (pattern: Pattern, text: string): boolean => toExpression(pattern).test(text);

/** Wildcards as characters, for operators that know none. */
export const literalOf = (pattern: Pattern): string =>
  pattern.map((part) => (typeof part === 'string' ? part : part.wildcard)).join('');

/** An ARN matches part by part: a `*` in the account does not reach into the resource. */
export const matchesArn = (pattern: Pattern, arn: string): boolean => {
  const [wanted, given] = [splitPattern(pattern), splitArn(arn)];
  return wanted.length === given.length && wanted.every((part, index) => matches(part, given[index] ?? ''));
};

/** Names of actions: wildcards, any case. */
export const matchesAction = (pattern: string, action: string): boolean => {
  const parts = [...pattern.toLowerCase()].map((letter) =>
    letter === '*' || letter === '?' ? ({ wildcard: letter } as const) : letter,
  );
  return matches(parts, action.toLowerCase());
};

const toExpression = (pattern: Pattern): RegExp => {
  const source = pattern.map((part) =>
    typeof part !== 'string' ? (part.wildcard === '*' ? '.*' : '.') : part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, 's');
};

const ARN_PARTS = 6;

const splitArn = (arn: string): readonly string[] => {
  const parts = arn.split(':');
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
};

const splitPattern = (pattern: Pattern): readonly Pattern[] => {
  const parts: Pattern[number][][] = [[]];
  for (const part of pattern.flatMap((item): Pattern => (typeof item === 'string' ? [...item] : [item]))) {
    if (part === ':' && parts.length < ARN_PARTS) parts.push([]);
    else parts.at(-1)?.push(part);
  }
  return parts;
};

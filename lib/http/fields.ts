import type { z } from 'zod';
import { type FieldProblem, TenonError } from '../core/errors.ts';
import { fieldPath } from './json-safety.ts';

const MAX_PROBLEMS = 20;

/** @throws TenonError `request.invalid` with a problem for each field that is wrong or unknown */
export const parseFields = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => problemsOf(issue, [])).slice(0, MAX_PROBLEMS);
  const [first] = fields;
  const detail = first === undefined || first.path === '' ? (first?.message ?? '') : `${first.path}: ${first.message}`;
  throw new TenonError('request.invalid', detail, { fields });
};

type Issue = z.core.$ZodIssue;

const problemsOf = (issue: Issue, parent: readonly (string | number)[]): FieldProblem[] => {
  const path = [...parent, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: fieldPath([...path, key]), message: 'is not a known field' }));
  }
  if (issue.code === 'invalid_union') {
    const closest = closestBranch(issue.errors);
    if (closest !== undefined) return closest.flatMap((inner) => problemsOf(inner, path));
  }
  return [{ path: fieldPath(path), message: issue.message }];
};

/** The alternative that the caller seems to have meant: one whose own shape fits and that fails further inside. */
const closestBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  branches.find((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));

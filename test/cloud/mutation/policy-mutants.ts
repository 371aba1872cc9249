import type { Template } from '../template/template.ts';
import type { Mutant } from './mutant.ts';
import { at, type Path, without } from './without.ts';

/** Where a type of resource keeps a policy. */
const DOCUMENTS: Readonly<Record<string, Path>> = {
  'AWS::IAM::Policy': ['Properties', 'PolicyDocument'],
  'AWS::IAM::Role': ['Properties', 'AssumeRolePolicyDocument'],
  'AWS::S3::BucketPolicy': ['Properties', 'PolicyDocument'],
  'AWS::SQS::QueuePolicy': ['Properties', 'PolicyDocument'],
  'AWS::KMS::Key': ['Properties', 'KeyPolicy'],
};

/** Parts of a statement that are lists of alternatives. */
const LISTS = ['Action', 'Resource'] as const;

/** Every statement of every policy, each action and resource where there are several, and each condition, one less in turn. */
export const policyMutants = (template: Template): readonly Mutant[] =>
  Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    const document = DOCUMENTS[resource.Type];
    if (document === undefined) return [];
    const statements: readonly unknown[] = at(resource, [...document, 'Statement']) ?? [];
    const owners = [logicalId, ...rolesOf(resource)];
    return statements.flatMap((_, index) =>
      statementMutants(template, ['Resources', logicalId, ...document, 'Statement', index], owners),
    );
  });

const statementMutants = (template: Template, path: Path, owners: readonly string[]): readonly Mutant[] => {
  const statement = at(template, path);
  const actions: readonly string[] = [statement.Action].flat();
  const where = `${owners[0]}, statement ${String(path.at(-1))}`;
  const make = (kind: Mutant['kind'], what: string, part: Path, of = actions): Mutant => ({
    name: `${where}: ${what}`,
    kind,
    template: without(template, [...path, ...part]),
    concerns: [...owners.flatMap((owner) => of.map((action) => `${owner} ${action}`)), ...owners],
  });
  return [
    make('permission', `all of it (${actions.join(', ')})`, []),
    ...LISTS.flatMap((list) => {
      const items: unknown = statement[list];
      if (!Array.isArray(items) || items.length < 2) return [];
      return items.map((item, index) =>
        make('permission', textOf(item), [list, index], list === 'Action' ? [String(item)] : actions),
      );
    }),
    ...Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.keys(keys as object).map((key) => make('condition', `${operator} ${key}`, ['Condition', operator, key])),
    ),
  ];
};

/** Logical ids of the roles that a policy hangs on. */
const rolesOf = ({ Properties }: Template['Resources'][string]): readonly string[] => {
  const roles = (Properties?.Roles ?? []) as readonly { readonly Ref?: string }[];
  return roles.flatMap(({ Ref }) => Ref ?? []);
};

const textOf = (item: unknown): string => (typeof item === 'string' ? item : JSON.stringify(item));

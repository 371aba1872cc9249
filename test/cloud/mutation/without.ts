import type { Template } from '../template/template.ts';

export type Path = readonly (string | number)[];

/** The template with one thing less: a property, or an item of a list. @throws Error where there is no such thing */
export const without = (template: Template, path: Path): Template => {
  const copy = structuredClone(template);
  const last = path.at(-1);
  const parent = at(copy, path.slice(0, -1));
  if (last === undefined || parent === undefined || at(parent, [last]) === undefined) {
    throw new Error(`Nothing stands at ${path.join('.')}`);
  }
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
};

// biome-ignore lint/suspicious/noExplicitAny: a template holds whatever CloudFormation knows
export const at = (value: any, path: Path): any =>
  path.reduce((found, key) => (found === undefined ? undefined : found[key]), value);

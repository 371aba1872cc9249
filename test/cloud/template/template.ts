import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `cdk synth` writes. Values hold intrinsic functions still. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Rules?: Readonly<Record<string, unknown>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string;
}

/** The template of a stack in the folder that `cdk synth` wrote. */
export const readTemplate = (assemblyFolder: string, stackName: string): Template =>
  JSON.parse(readFileSync(join(assemblyFolder, `${stackName}.template.json`), 'utf8')) as Template;

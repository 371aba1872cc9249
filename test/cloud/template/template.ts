import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

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

/**
 * Where the files of functions lie, by the S3 key that the template names for them: `<hash>.zip` to a folder.
 */
export const packageFolders = (assemblyFolder: string, stackName: string): ReadonlyMap<string, string> => {
  const { files } = JSON.parse(readFileSync(join(assemblyFolder, `${stackName}.assets.json`), 'utf8')) as {
    readonly files: Readonly<
      Record<
        string,
        {
          readonly source: { readonly path: string; readonly packaging: string };
          readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
        }
      >
    >;
  };
  return new Map(
    Object.values(files)
      .filter(({ source }) => source.packaging === 'zip')
      .flatMap(({ source, destinations }) =>
        Object.values(destinations).map(({ objectKey }) => [objectKey, resolve(assemblyFolder, source.path)] as const),
      ),
  );
};

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { TenonProps } from '../../lib/infra/tenon-props.ts';
import { TenonStack } from '../../lib/infra/tenon-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of a hundred shapes, and a test looks at one place.
  readonly Properties: any;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface Synthesis {
  readonly template: Template;
  /** Why rules of cdk-nag do not hold: `<path> <rule>` to the reason. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** The folder of what was written. */
  readonly folder: string;
  readonly remove: () => void;
}

// Whatever would ask for Docker fails.
process.env.CDK_DOCKER = 'false';

/**
 * The whole stack, from stand-ins for the functions, held against the rules of cdk-nag.
 * `isBundling`: makes the functions' packages too, which takes seconds.
 * @throws Error where a rule is broken and nothing says why it may be
 */
export const synthesize = (props: TenonProps = {}, { isBundling = false } = {}): Synthesis => {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-cdk-'));
  const app = new App({ outdir: folder, context: isBundling ? {} : { 'aws:cdk:bundling-stacks': [] } });
  const stack = new TenonStack(app, 'Tenon', {
    functionsFolder: fileURLToPath(new URL('entries', import.meta.url)),
    ...props,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const assembly = app.synth();
  return {
    template: assembly.getStackByName('Tenon').template as Template,
    acknowledged: acknowledgedIn(stack),
    folder,
    remove: () => rmSync(folder, { recursive: true }),
  };
};

export const ofType = ({ Resources }: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

const acknowledgedIn = (stack: TenonStack): ReadonlyMap<string, string> =>
  new Map(
    stack.node.findAll().flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .map(([rule, reason]) => [`${node.path} ${rule}`, reason] as const),
    ),
  );

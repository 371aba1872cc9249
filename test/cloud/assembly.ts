import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { TenonProps } from '../../lib/infra/tenon-props.ts';
import { TenonStack } from '../../lib/infra/tenon-stack.ts';
import type { Template } from './template/template.ts';

export interface Assembly {
  readonly template: Template;
  readonly folder: string;
  /** How long it took. */
  readonly synthMs: number;
  remove(): void;
}

// Whatever would ask for Docker fails.
process.env.CDK_DOCKER = 'false';

/** The stack as `npm run synth` writes it, packages included, in a folder of its own. */
export const synthesizeAssembly = (props: TenonProps = {}): Assembly => {
  const startedAt = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'tenon-assembly-'));
  const app = new App({ outdir: folder });
  new TenonStack(app, 'Tenon', props);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return {
    template: JSON.parse(readFileSync(join(folder, 'Tenon.template.json'), 'utf8')) as Template,
    folder,
    synthMs: Date.now() - startedAt,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

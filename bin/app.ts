import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { TenonStack } from '../lib/infra/tenon-stack.ts';

/** The AWS installation. What can be set stands in `lib/infra/tenon-props.ts`, field by field, and is written here. */
const app = new App();

new TenonStack(app, 'Tenon', { description: 'Durable workflows that follow the tenant' });

// A template that breaks a rule of cdk-nag, and does not say why it may, is not written.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();

import { Duration } from 'aws-cdk-lib';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { VARIABLES } from '../aws-environment.ts';
import type { Storage } from './storage.ts';
import { TenonFunction } from './tenon-function.ts';
import type { TenonProps } from './tenon-props.ts';

/** Uploads lie at `<tenant>/uploads/<bundle>`. */
const UPLOADS = '*/uploads/*';

/** An upload that has arrived is compiled, looked at and made a version. */
export class BundleIntake extends Construct {
  readonly validator: TenonFunction;

  constructor(scope: Construct, id: string, { stackProps, storage }: { stackProps: TenonProps; storage: Storage }) {
    super(scope, id);
    this.validator = new TenonFunction(this, 'Validator', {
      name: 'bundle-uploaded',
      stackProps,
      timeout: Duration.minutes(2),
      // A bundle's exports are found by evaluating it.
      hasIsolates: true,
      hasCompiler: true,
    });
    new Rule(this, 'Arrived', {
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [storage.bucket.bucketName] }, object: { key: Match.wildcard(UPLOADS) } },
      },
      targets: [new LambdaFunction(this.validator.lambda, { retryAttempts: 10, maxEventAge: Duration.hours(1) })],
    });
  }

  /** For those that find an upload whose event was late, or whose validation was cut off. */
  letValidate(user: TenonFunction): void {
    user.tell({ [VARIABLES.validatorFunction]: this.validator.lambda.functionName });
    user.allow(['lambda:InvokeFunction'], [this.validator.lambda.functionArn]);
  }
}

import { makeLambdaClient, makeSqsClient } from '../adapters/aws/aws-clients.ts';
import { LambdaValidations } from '../adapters/aws/lambda-validations.ts';
import { SqsCheckRuns } from '../adapters/aws/sqs-check-runs.ts';
import { SqsScheduleTicks } from '../adapters/aws/sqs-schedule-ticks.ts';
import { clock } from '../adapters/node/system.ts';
import { METRICS } from '../aws-environment.ts';
import { sweep } from '../service/sweep.ts';
import { composeBase, composeQueue } from './parts.ts';
import { flushUnits, logError, writeCounts } from './told.ts';
import { variable } from './variables.ts';

export interface Sweeper {
  sweep(): Promise<void>;
}

export const composeSweeper = (): Sweeper => {
  const { credentials, deps } = composeBase();
  const lambda = makeLambdaClient({ credentials });
  const validations = new LambdaValidations({ client: lambda, functionName: variable('validatorFunction') });
  const checkRuns = new SqsCheckRuns({ client: makeSqsClient({ credentials }), queueUrl: variable('queueUrl') });
  const ticks = new SqsScheduleTicks({ client: makeSqsClient({ credentials }), queueUrl: variable('queueUrl'), clock });
  const needs = { ...deps, wakes: composeQueue(credentials), validations, checkRuns, ticks, onError: logError };
  return {
    sweep: async () => {
      const swept = await sweep(needs);
      const { woken } = swept;
      if (Object.values(swept).some((count) => count > 0)) console.info({ event: 'swept', ...swept });
      writeCounts({ [METRICS.sweeperFinds]: woken });
      flushUnits();
    },
  };
};

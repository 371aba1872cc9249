import { makeLambdaClient } from '../adapters/aws/aws-clients.ts';
import { LambdaValidations } from '../adapters/aws/lambda-validations.ts';
import { METRICS } from '../aws-environment.ts';
import { sweep } from '../service/sweep.ts';
import { composeBase, composeQueue } from './parts.ts';
import { flushUnits, writeCounts } from './told.ts';
import { variable } from './variables.ts';

export interface Sweeper {
  sweep(): Promise<void>;
}

export const composeSweeper = (): Sweeper => {
  const { credentials, deps } = composeBase();
  const lambda = makeLambdaClient({ credentials });
  const validations = new LambdaValidations({ client: lambda, functionName: variable('validatorFunction') });
  const needs = { ...deps, wakes: composeQueue(credentials), validations };
  return {
    sweep: async () => {
      const { woken, removed, validations: again } = await sweep(needs);
      if (woken + removed + again > 0) console.info({ event: 'swept', woken, removed, validations: again });
      writeCounts({ [METRICS.sweeperFinds]: woken });
      flushUnits();
    },
  };
};

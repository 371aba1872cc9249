import { makeS3Client } from '../adapters/aws/aws-clients.ts';
import { S3SandboxResults } from '../adapters/aws/s3-sandbox-results.ts';
import { tellStep } from '../bindings/sandbox-outcome.ts';
import { completeDeferred } from '../service/complete-deferred.ts';
import { type FinishSandboxParams, finishSandbox } from '../service/finish-sandbox.ts';
import { composeBase, composeQueue } from './parts.ts';
import { flushUnits } from './told.ts';
import { variable } from './variables.ts';

export interface SandboxFinisher {
  /** Rejects where the end is to be told again. */
  finish(ended: FinishSandboxParams): Promise<void>;
}

export const composeSandboxFinisher = (): SandboxFinisher => {
  const { credentials, storage, deps } = composeBase();
  const wakes = composeQueue(credentials);
  const { blobs } = storage;
  const results = new S3SandboxResults({ s3: makeS3Client({ credentials }), bucket: variable('bucket'), blobs });
  const tell = tellStep((completion) => completeDeferred({ ...deps, wakes }, completion), deps.usage);
  return {
    finish: async (ended) => {
      await finishSandbox({ results, tell }, ended);
      flushUnits();
    },
  };
};

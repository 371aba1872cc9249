import { fileURLToPath } from 'node:url';
import { makeLambdaClient, makeS3Client, makeSecretsClient, makeSqsClient } from '../adapters/aws/aws-clients.ts';
import { LambdaValidations } from '../adapters/aws/lambda-validations.ts';
import { S3UploadSigner } from '../adapters/aws/s3-upload-signer.ts';
import { SecretOperatorKey } from '../adapters/aws/secret-operator-key.ts';
import { SqsCheckRuns } from '../adapters/aws/sqs-check-runs.ts';
import { SqsScheduleTicks } from '../adapters/aws/sqs-schedule-ticks.ts';
import { SqsTenantRemovals } from '../adapters/aws/sqs-tenant-removals.ts';
import { PageFolder } from '../adapters/node/page-folder.ts';
import { clock, randomness } from '../adapters/node/system.ts';
import { FILES } from '../aws-environment.ts';
import { TenonError } from '../core/errors.ts';
import { type App, createApp } from '../http/app.ts';
import type { Page } from '../http/route.ts';
import { MicroVmBusy, noMicroVms } from '../ports/micro-vms.ts';
import { countAsked } from '../service/asked-usage.ts';
import { sendAsked } from '../service/asked-wakes.ts';
import { uploadName } from '../service/bundle-files.ts';
import type { Dependencies } from '../service/dependencies.ts';
import { handOnFirstTurns } from '../service/handed-on-turns.ts';
import { versionWithFetch } from '../service/handle-tenant-request.ts';
import { createInstanceUseCases } from '../service/instance-use-cases.ts';
import {
  absent,
  composeBase,
  composeBindings,
  composeDownloads,
  composeGuests,
  composeMicroVms,
  composeQueue,
  composeVault,
  type GuestOptions,
} from './parts.ts';
import { flushUnits, logError } from './told.ts';
import { composeTracing } from './tracing.ts';
import { isolationLevels, prices, variable } from './variables.ts';

/** `hasGuests`: tenants' own pages are answered here, beside the whole API; else only reads that may wait. */
export const composeHttp = ({ hasGuests, ...options }: { readonly hasGuests: boolean } & GuestOptions): App => {
  const base = composeBase();
  const { credentials, storage, usage, writeUsage } = base;
  const { tenants } = storage;
  const { tracing, flushSpans } = composeTracing();
  const lambda = makeLambdaClient({ credentials });
  const operatorKey = new SecretOperatorKey({
    client: makeSecretsClient({ credentials }),
    secretId: variable('operatorSecret'),
    clock,
  });
  const common: Dependencies = {
    ...base.deps,
    uploads: absent('upload links'),
    downloads: composeDownloads(credentials),
    compiler: absent('compiler'),
    checkRuns: absent('checks'),
    executor: absent('executor'),
    bindings: absent('bindings'),
    vault: absent('vault'),
    wakes: absent('queue'),
    ...prices(),
    ...tracing,
  };
  if (!hasGuests) {
    const validations = new LambdaValidations({ client: lambda, functionName: variable('validatorFunction') });
    // It may only read: what is asked of it is not counted.
    const { usage: _, ...reading } = common;
    return composeApp({ ...reading, validations }, { operatorKey, atEnd: flushSpans });
  }

  const wakes = composeQueue(credentials);
  const queue = { client: makeSqsClient({ credentials }), queueUrl: variable('queueUrl') };
  const microVms = composeMicroVms(credentials, storage);
  const uploads = new S3UploadSigner({
    client: makeS3Client({ credentials }),
    bucket: variable('bucket'),
    clock,
    objectOf: ({ tenant, bundleId }) => uploadName(tenant, bundleId),
  });
  const deps: Dependencies = {
    ...common,
    ...composeGuests(
      { ...common, wakes, vault: composeVault(credentials) },
      { more: composeBindings(credentials, storage, options) },
    ),
    wakes,
    vault: composeVault(credentials),
    uploads,
    firstTurns: handOnFirstTurns({ randomness, wakes }),
    tenantRemovals: new SqsTenantRemovals(queue),
    checkRuns: new SqsCheckRuns(queue),
    ticks: new SqsScheduleTicks({ ...queue, clock }),
    isolationLevels: isolationLevels(),
    ...(microVms !== undefined && { microVms }),
  };
  const atEnd = async (): Promise<void> => {
    await Promise.all([writeUsage(), flushSpans()]);
  };
  const useCases = createInstanceUseCases(deps);
  const ownUseCases: typeof useCases = {
    ...useCases,
    handleTenantRequest: async (params) => {
      const tenant = await tenants.getTenant(params.tenant);
      if (tenant?.isolation !== 'microvm') return useCases.handleTenantRequest(params);
      if (microVms === undefined) throw noMicroVms(tenant.id);
      try {
        // What needs no machine is refused without one.
        await versionWithFetch(deps, tenant.id);
        const { response, asked, used, problems } = await microVms.serveRequest(params);
        countAsked(usage, tenant.id, used);
        for (const problem of problems) logError(new Error(problem), { tenant: tenant.id });
        await sendAsked({ wakes, onError: logError }, tenant.id, asked);
        return response;
      } catch (error) {
        if (!(error instanceof MicroVmBusy)) throw error;
        throw new TenonError('rate.limited', 'The tenant answers as many requests as it may.', { retryAfterS: 1 });
      }
    },
  };
  const page = {
    files: new PageFolder(fileURLToPath(new URL(FILES.page, import.meta.url))),
    uploadOrigin: () => uploads.origin(),
  };
  return composeApp(deps, { operatorKey, atEnd, page }, ownUseCases);
};

interface Around {
  readonly operatorKey: SecretOperatorKey;
  readonly atEnd: () => Promise<void>;
  readonly page?: Page;
}

/** The operator's key may get another value while the function lives: then the API is made anew. */
const composeApp = (
  deps: Dependencies,
  { operatorKey, atEnd, page }: Around,
  useCases = createInstanceUseCases(deps),
): App => {
  let made: { readonly hash: string; readonly app: App } | undefined;
  return {
    fetch: async (request) => {
      const hash = await operatorKey.hash();
      if (made?.hash !== hash) {
        const app = createApp(deps, useCases, {
          operatorKeyHash: hash,
          // Uploads go to the bucket, which tells the function that validates them.
          startValidation: () => {},
          canStream: false,
          ...(page && { page }),
          onError: (error, context) => logError(error, context),
        });
        made = { hash, app };
      }
      const response = await made.app.fetch(request);
      await atEnd();
      flushUnits();
      return response;
    },
  };
};

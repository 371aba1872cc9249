import { EsbuildCompiler } from '../bundle/esbuild-compiler.ts';
import type { Executor } from '../ports/executor.ts';
import { noMicroVms } from '../ports/micro-vms.ts';
import { takeUpload } from '../service/take-upload.ts';
import { composeBase, composeMicroVms, makeSupervisor } from './parts.ts';
import { flushUnits, logError } from './told.ts';

export interface Validator {
  /** An object that has come into the bucket, or a bundle that somebody has found waiting. */
  validate(
    what: { readonly objectKey: string } | { readonly tenant: string; readonly bundleId: string },
  ): Promise<void>;
}

export const composeValidator = (): Validator => {
  const { credentials, storage, deps } = composeBase();
  const supervisor = makeSupervisor({ isWarm: false });
  const microVms = composeMicroVms(credentials, storage);
  const executor: Executor = {
    start: (...params) => supervisor.start(...params),
    inspect: async (bundle, tenantId) => {
      const tenant = await storage.tenants.getTenant(tenantId);
      if (tenant?.isolation !== 'microvm') return supervisor.inspect(bundle, tenantId);
      if (microVms === undefined) throw noMicroVms(tenantId);
      return microVms.inspect({ tenant: tenantId, bundle });
    },
    close: () => supervisor.close(),
  };
  const needs = { ...deps, executor, compiler: new EsbuildCompiler() };
  return {
    validate: async (what) => {
      const bundle = 'objectKey' in what ? readUploadName(what.objectKey) : what;
      if (bundle === undefined) return;
      await takeUpload(needs, { ...bundle, onError: (error) => logError(error, bundle) });
      flushUnits();
    },
  };
};

/** `<tenant>/uploads/<bundle>` */
const readUploadName = (key: string): { readonly tenant: string; readonly bundleId: string } | undefined => {
  const [tenant, folder, bundleId, more] = key.split('/');
  if (tenant === undefined || folder !== 'uploads' || bundleId === undefined || more !== undefined) return undefined;
  return { tenant, bundleId };
};

import { awaitFinish } from './await-finish.ts';
import { completeDeferred } from './complete-deferred.ts';
import { controlInstance } from './control-instance.ts';
import { createBatch } from './create-batch.ts';
import { createInstance } from './create-instance.ts';
import { decideApproval } from './decide-approval.ts';
import { deleteBatch } from './delete-batch.ts';
import { deleteInstance } from './delete-instance.ts';
import type { Dependencies } from './dependencies.ts';
import { handleTenantRequest } from './handle-tenant-request.ts';
import { moveInstance } from './move-instance.ts';
import { readEvents } from './read-events.ts';
import { readInstance } from './read-instance.ts';
import { replayInstance } from './replay-instance.ts';
import { sendEvent } from './send-event.ts';

/** Nothing of uploads, downloads, checks and accounts. */
export type InstanceDependencies = Omit<
  Dependencies,
  'audit' | 'uploads' | 'downloads' | 'usageStore' | 'schedules' | 'compiler' | 'checks' | 'checkRuns'
>;

/** The use cases on instances with their dependencies filled in, as HTTP and bindings call them. */
export const createInstanceUseCases = (deps: InstanceDependencies) => ({
  createInstance: (params: Parameters<typeof createInstance>[1]) => createInstance(deps, params),
  createBatch: (params: Parameters<typeof createBatch>[1]) => createBatch(deps, params),
  awaitFinish: (params: Parameters<typeof awaitFinish>[1]) => awaitFinish(deps, params),
  readEvents: (params: Parameters<typeof readEvents>[1]) => readEvents(deps, params),
  readInstance: (params: Parameters<typeof readInstance>[1]) => readInstance(deps, params),
  sendEvent: (params: Parameters<typeof sendEvent>[1]) => sendEvent(deps, params),
  completeDeferred: (params: Parameters<typeof completeDeferred>[1]) => completeDeferred(deps, params),
  decideApproval: (params: Parameters<typeof decideApproval>[1]) => decideApproval(deps, params),
  controlInstance: (params: Parameters<typeof controlInstance>[1]) => controlInstance(deps, params),
  deleteInstance: (params: Parameters<typeof deleteInstance>[1]) => deleteInstance(deps, params),
  deleteBatch: (params: Parameters<typeof deleteBatch>[1]) => deleteBatch(deps, params),
  moveInstance: (params: Parameters<typeof moveInstance>[1]) => moveInstance(deps, params),
  replayInstance: (params: Parameters<typeof replayInstance>[1]) => replayInstance(deps, params),
  handleTenantRequest: (params: Parameters<typeof handleTenantRequest>[1]) => handleTenantRequest(deps, params),
});

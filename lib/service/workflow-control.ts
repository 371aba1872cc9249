import type { WorkflowControl } from '../ports/workflow-control.ts';
import { createInstanceUseCases, type InstanceDependencies } from './instance-use-cases.ts';
import { loadValue } from './stored-values.ts';

/** What `env.WORKFLOWS` leads to. */
export const createWorkflowControl = (deps: InstanceDependencies): WorkflowControl => ({
  ...createInstanceUseCases(deps),
  listWorkflows: async ({ tenant, version }) => {
    const found = await deps.bundles.getVersion(tenant, version);
    return found?.workflows.map(({ name }) => name) ?? [];
  },
  hasInstance: async ({ key }) => (await deps.instances.get(key)) !== undefined,
  loadValue: (value) => loadValue(deps.blobs, value),
});

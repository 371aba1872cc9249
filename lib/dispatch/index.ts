/** The envelope library, under the names that operators know from Cloudflare's: see the parts for what they do. */

export type { Metadata as DispatcherMetadata } from '../core/envelope.ts';
export {
  createDynamicWorkflowEntrypoint,
  type DynamicWorkflowEntrypoint,
} from './create-dynamic-workflow-entrypoint.ts';
export {
  dispatchWorkflow,
  type LoadRunner as LoadWorkflowRunner,
  type LoadRunnerContext as LoadWorkflowRunnerContext,
  type RunnerEvent,
  type WorkflowRunner,
} from './dispatch-workflow.ts';
export { DynamicWorkflowBinding, type DynamicWorkflowProps } from './dynamic-workflow-binding.ts';
export { MissingDispatcherMetadataError } from './envelope-error.ts';
export type { BatchOptions, CreateOptions, WorkflowBinding, WorkflowHandle } from './workflow-binding.ts';
export { type WrapOptions, wrapWorkflowBinding } from './wrap-workflow-binding.ts';

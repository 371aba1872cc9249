/** What a tenant's tests import: `tenon/testing`. */
export type { MockedEvent, StepSelector, WorkflowModifier } from './modifier.ts';
export type { TestEnv, TestFetch } from './test-env.ts';
export type { RestingStatus, StepError, TestInstance } from './test-instance.ts';
export {
  introspectWorkflowInstance,
  type TestClock,
  type TestWorkflow,
  type TestWorkflowOptions,
  testWorkflow,
} from './test-workflow.ts';
export type { TestSource } from './upload.ts';

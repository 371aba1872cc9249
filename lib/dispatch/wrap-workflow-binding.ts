import type { Metadata } from '../core/envelope.ts';
import { DEFAULT_BINDING_NAME, DynamicWorkflowBinding } from './dynamic-workflow-binding.ts';

export interface WrapOptions {
  /** The dispatcher's `env`, in which the binding is looked up at each call. */
  readonly env: object;
  /** Its name there. @default 'WORKFLOWS' */
  readonly bindingName?: string;
}

/**
 * The `Workflow` binding to hand to one tenant's code: every instance created through it carries `metadata`, by which the
 * dispatcher finds that tenant's code again.
 * @throws TypeError for metadata that JSON cannot hold
 */
export const wrapWorkflowBinding = (
  metadata: Metadata,
  { env, bindingName = DEFAULT_BINDING_NAME }: WrapOptions,
): DynamicWorkflowBinding => new DynamicWorkflowBinding({ props: { metadata, bindingName } }, env);

/**
 * The types that Cloudflare declares globally. A tenant who uses Tenon's types in place of `@cloudflare/workers-types`
 * names this file in `types`.
 */
import type * as binding from './binding.ts';

declare global {
  type Workflow<Params = unknown> = binding.Workflow<Params>;
  type WorkflowInstance = binding.WorkflowInstance;
  type WorkflowInstanceCreateOptions<Params = unknown> = binding.WorkflowInstanceCreateOptions<Params>;
  type InstanceStatus = binding.InstanceStatus;
}

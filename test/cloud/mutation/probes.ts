import type { Probe } from './probe.ts';
import { BINDING_PROBES } from './probes/bindings.ts';
import { FRONT_DOOR_PROBES } from './probes/front-door.ts';
import { INSTANCE_PROBES } from './probes/instances.ts';
import { LOG_PROBES } from './probes/logs.ts';
import { QUEUE_PROBES } from './probes/queues.ts';
import { REFUSAL_PROBES } from './probes/refusals.ts';
import { SANDBOX_PROBES } from './probes/sandbox.ts';
import { SWEEPING_PROBES } from './probes/sweeping.ts';
import { TENANT_PROBES } from './probes/tenants.ts';
import { UPLOAD_PROBES } from './probes/uploads.ts';

/** Together they touch every part of a deployment. */
export const PROBES: readonly Probe[] = [
  ...REFUSAL_PROBES,
  ...TENANT_PROBES,
  ...UPLOAD_PROBES,
  ...FRONT_DOOR_PROBES,
  ...INSTANCE_PROBES,
  ...BINDING_PROBES,
  ...SANDBOX_PROBES,
  ...SWEEPING_PROBES,
  ...LOG_PROBES,
  ...QUEUE_PROBES,
];

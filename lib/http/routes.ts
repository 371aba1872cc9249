import type { Route } from './route.ts';
import { APPROVAL_ROUTES } from './routes/approvals.ts';
import { AUDIT_ROUTES } from './routes/audit.ts';
import { BUNDLE_ROUTES } from './routes/bundles.ts';
import { CHECK_ROUTES } from './routes/checks.ts';
import { DEFERRED_ROUTES } from './routes/deferred.ts';
import { DOWNLOAD_ROUTES } from './routes/downloads.ts';
import { ENV_ROUTES } from './routes/env.ts';
import { FRONT_DOOR_ROUTES } from './routes/front-door.ts';
import { INSTANCE_BATCH_ROUTES } from './routes/instance-batches.ts';
import { INSTANCE_EVENT_ROUTES } from './routes/instance-events.ts';
import { INSTANCE_SIGNAL_ROUTES } from './routes/instance-signals.ts';
import { INSTANCE_STEP_ROUTES } from './routes/instance-steps.ts';
import { INSTANCE_ROUTES } from './routes/instances.ts';
import { KEY_ROUTES } from './routes/keys.ts';
import { OPERATOR_TENANT_ROUTES } from './routes/operator-tenants.ts';
import { PAGE_ROUTES } from './routes/page.ts';
import { POLICY_ROUTES } from './routes/policies.ts';
import { REPLAY_ROUTES } from './routes/replays.ts';
import { REQUEST_LOG_ROUTES } from './routes/request-log.ts';
import { USAGE_ROUTES } from './routes/usage.ts';
import { VERSION_ROUTES } from './routes/versions.ts';
import { WORKFLOW_ROUTES } from './routes/workflows.ts';

/**
 * Every call of the API but the one that describes them. Where a path fits two rows, the first wins: batches stand
 * before the instance whose id would be `batch`.
 */
export const ROUTES: readonly Route[] = [
  ...PAGE_ROUTES,
  ...FRONT_DOOR_ROUTES,
  ...OPERATOR_TENANT_ROUTES,
  ...KEY_ROUTES,
  ...ENV_ROUTES,
  ...BUNDLE_ROUTES,
  ...VERSION_ROUTES,
  ...CHECK_ROUTES,
  ...WORKFLOW_ROUTES,
  ...INSTANCE_BATCH_ROUTES,
  ...INSTANCE_ROUTES,
  ...INSTANCE_STEP_ROUTES,
  ...DOWNLOAD_ROUTES,
  ...INSTANCE_SIGNAL_ROUTES,
  ...INSTANCE_EVENT_ROUTES,
  ...REPLAY_ROUTES,
  ...DEFERRED_ROUTES,
  ...USAGE_ROUTES,
  ...REQUEST_LOG_ROUTES,
  ...AUDIT_ROUTES,
  ...POLICY_ROUTES,
  ...APPROVAL_ROUTES,
];

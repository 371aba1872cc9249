import type { Status } from '../../../client/operations.ts';

export const STATUSES: readonly Status[] = [
  'queued',
  'running',
  'waiting',
  'paused',
  'waitingForPause',
  'rollingBack',
  'errored',
  'terminated',
  'complete',
];

/** What the address of the list says. */
export interface InstanceFilter {
  readonly workflow: string | undefined;
  readonly status: Status | undefined;
  /** ISO 8601, of when an instance was created. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cursor: string | undefined;
}

export const readFilter = (
  query: Readonly<Record<string, string>>,
  firstWorkflow: string | undefined,
): InstanceFilter => ({
  workflow: query.workflow || firstWorkflow,
  status: STATUSES.find((status) => status === query.status),
  from: query.from || undefined,
  to: query.to || undefined,
  cursor: query.cursor || undefined,
});

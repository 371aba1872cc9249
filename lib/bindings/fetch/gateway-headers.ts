import type { BindingCaller } from '../../ports/binding-host.ts';

/** Only the dispatcher says these: a tenant's own headers of that prefix are left out. */
const PREFIX = 'tenon-';

/**
 * What the operator's gateway is told beside the tenant's request, whose method, headers and body it gets as they are:
 * `tenon-target-url`, and on whose behalf `tenon-tenant`, `tenon-version` and, in a turn, `tenon-workflow` and
 * `tenon-instance`.
 */
export const gatewayHeaders = (
  headers: ReadonlyMap<string, string>,
  target: URL,
  { tenant, version, instance }: BindingCaller,
): ReadonlyMap<string, string> =>
  new Map([
    ...[...headers].filter(([name]) => !name.startsWith(PREFIX)),
    ['tenon-target-url', target.href],
    ['tenon-tenant', tenant.id],
    ['tenon-version', version],
    ...(instance === undefined
      ? []
      : ([
          ['tenon-workflow', instance.workflow],
          ['tenon-instance', instance.id],
        ] as const)),
  ]);

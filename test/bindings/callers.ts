import type { BindingCaller } from '../../lib/ports/binding-host.ts';
import type { Egress, Tenant } from '../../lib/ports/tenant-store.ts';

export const makeTenant = (id: string, egress: Egress = 'none'): Tenant => ({
  id,
  isolation: 'isolate',
  limits: {},
  egress,
  suspended: false,
  createdAt: 0,
});

export const makeCaller = (tenant: Tenant, signal: AbortSignal = new AbortController().signal): BindingCaller => ({
  tenant,
  version: 'v1',
  instance: { workflow: 'Orders', id: 'order-1' },
  signal,
});

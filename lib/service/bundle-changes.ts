import type { InstanceKey } from '../ports/instance-store.ts';

/** The name under which `ChangeWatch` tells of a bundle; a colon stands in no workflow's name, so none is mistaken for it. */
export const bundleChangeKey = (tenant: string, bundleId: string): InstanceKey => ({
  tenant,
  workflow: ':bundle',
  id: bundleId,
});

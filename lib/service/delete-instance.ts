import type { InstanceKey } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound } from './refusals.ts';
import { valuePrefix } from './stored-values.ts';

type Needs = Pick<Dependencies, 'instances' | 'blobs' | 'wakes' | 'watch'>;

/**
 * At any status, without rollback: a turn in progress finds its incarnation gone and stops without effect.
 * @throws TenonError `instance.not_found`
 */
export const deleteInstance = async (deps: Needs, { key }: { readonly key: InstanceKey }): Promise<void> => {
  if (!(await deps.instances.remove(key))) throw instanceNotFound();
  deps.watch.announce(key);
  await deps.wakes.wake({ key });
  await deps.blobs.removeAll(valuePrefix(key));
};

import { isFinal } from '../core/records.ts';
import type { InstanceKey, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound } from './refusals.ts';

/** The summary as soon as the instance has finished, or as it is when the time is up. @throws TenonError `instance.not_found` */
export const awaitFinish = async (
  deps: Pick<Dependencies, 'clock' | 'instances' | 'watch'>,
  { key, waitMs, signal }: { readonly key: InstanceKey; readonly waitMs: number; readonly signal?: AbortSignal },
): Promise<Summary> => {
  const until = deps.clock.now() + waitMs;
  for (;;) {
    // Listened for before it is read: a change between the two is not missed.
    const changed = deps.watch.changed(key, until);
    const summary = await deps.instances.get(key);
    if (summary === undefined) throw instanceNotFound();
    const isTimeUp = deps.clock.now() >= until || deps.watch.isClosed === true;
    if (isFinal(summary.status) || isTimeUp || signal?.aborted === true) return summary;
    await changed;
  }
};

import type { InboxItem, InstanceKey, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { inboxFull } from './refusals.ts';

const PAGE = 1_000;

/** The first item that waits there and is one of those. */
export const firstInInbox = async <Item extends InboxItem>(
  { instances }: Pick<Dependencies, 'instances'>,
  of: { readonly key: InstanceKey; readonly incarnation: string },
  isOne: (item: InboxItem) => item is Item,
): Promise<Item | undefined> => {
  for (let afterSeq = 0; ; ) {
    const items = await instances.readInbox({ ...of, afterSeq, limit: PAGE });
    for (const { item } of items) if (isOne(item)) return item;
    const last = items.at(-1);
    if (last === undefined || items.length < PAGE) return undefined;
    afterSeq = last.seq;
  }
};

/**
 * Puts in an item of which only the first counts. `first`: nothing came between the reading of `summary` and this, so it is
 * the one; otherwise whoever asks has to look again which one was.
 * @throws TenonError `quota.exceeded`
 */
export const acceptFirst = async (
  { instances, wakes }: Pick<Dependencies, 'instances' | 'wakes'>,
  { summary, item }: { readonly summary: Summary; readonly item: InboxItem },
): Promise<'first' | 'look_again' | 'not_found'> => {
  const { tenant, workflow, id } = summary;
  const key = { tenant, workflow, id };
  const accepted = await instances.accept({ key, item, now: item.at });
  if (accepted.kind === 'not_found') return 'not_found';
  if (accepted.kind === 'full') throw inboxFull();
  if (accepted.kind !== 'accepted') return 'look_again';
  await wakes.wake({ key, incarnation: accepted.incarnation });
  const isFirst = accepted.incarnation === summary.incarnation && accepted.seq === summary.inboxSeq + 1;
  return isFirst ? 'first' : 'look_again';
};

import { invalidField } from '../core/errors.ts';
import type { InstanceEvent, InstanceEventType } from '../core/instance-events.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { cursorText, InstanceFollower, readEventCursor } from './follow-instance.ts';

/**
 * The next events of an instance after a cursor, of some types only where that is asked, waited for as long as `waitMs`.
 * @throws TenonError `instance.not_found`, `request.invalid` (cursor)
 */
export const readEvents = async (
  deps: Pick<Dependencies, 'clock' | 'instances' | 'watch'>,
  params: {
    readonly key: InstanceKey;
    readonly cursor?: string;
    readonly types?: readonly InstanceEventType[];
    readonly waitMs: number;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly events: readonly InstanceEvent[]; readonly cursor: string; readonly isOver: boolean }> => {
  const { key, cursor, types, waitMs, signal } = params;
  const after = cursor === undefined ? undefined : readEventCursor(cursor);
  if (cursor !== undefined && after === undefined) throw invalidField('cursor', 'is the number of no event');
  const follower = new InstanceFollower(deps, { key, ...(after !== undefined && { after }) });
  const wanted = types && new Set(types);
  const told = await follower.next({
    until: deps.clock.now() + waitMs,
    wants: ({ type }) => wanted?.has(type) ?? true,
    signal,
  });
  return { events: told.events, cursor: cursorText(told.cursor), isOver: told.isOver };
};
